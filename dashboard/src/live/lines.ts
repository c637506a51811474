import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { addScans, NO_PULSE, type Pulse } from './pulse.ts'
import { isScan } from './words.ts'

/** Enough for an evening at one gate, and few enough that the page draws 50 a second without a hitch. */
export const LINES_MAX = 300

/** What the live page shows. Pure: lines and acts in, the next state out. */
export type LiveLines = {
  /** Newest first, each event once. */
  readonly lines: readonly AccessLine[]
  /** Arrived while the list must not move; newest first. */
  readonly waiting: readonly AccessLine[]
  readonly paused: boolean
  readonly atTop: boolean
  readonly pulse: Pulse
}

export const NO_LINES: LiveLines = { lines: [], waiting: [], paused: false, atTop: true, pulse: NO_PULSE }

export type LiveAct =
  /** From the feed. */
  | { readonly is: 'arrived'; readonly lines: readonly AccessLine[]; readonly atS: number }
  /** Read from the service: on opening, and after a gap. */
  | { readonly is: 'filled'; readonly lines: readonly AccessLine[] }
  | { readonly is: 'paused' }
  | { readonly is: 'resumed' }
  | { readonly is: 'scrolled'; readonly atTop: boolean }

export function nextLines(state: LiveLines, act: LiveAct): LiveLines {
  switch (act.is) {
    case 'arrived': {
      const fresh = unknown(state, act.lines)
      if (fresh.length === 0) return state
      const scans = fresh.filter(isScan).map(({ gateId }) => ({ gateId, atS: act.atS }))
      return take({ ...state, pulse: addScans(state.pulse, scans, act.atS) }, fresh)
    }
    case 'filled': {
      const fresh = unknown(state, act.lines)
      if (fresh.length === 0) return state
      const scans = fresh
        .filter(isScan)
        .map(({ gateId, receivedAt }) => ({ gateId, atS: Math.floor(Date.parse(receivedAt) / 1000) }))
      const newestS = scans.reduce((newest, { atS }) => Math.max(newest, atS), 0)
      return take({ ...state, pulse: addScans(state.pulse, scans, newestS) }, fresh)
    }
    case 'paused':
      return { ...state, paused: true }
    case 'resumed':
      return release({ ...state, paused: false })
    case 'scrolled':
      return state.atTop === act.atTop ? state : release({ ...state, atTop: act.atTop })
  }
}

/** An event is (gate, sequence): the feed, a second connection and the service's answers may all bring it. */
export function lineKey({ gateId, sequence }: Pick<AccessLine, 'gateId' | 'sequence'>): string {
  return `${gateId}:${sequence}`
}

/** Whether any of these was here before: a gap is filled once the pages meet what is known. */
export function meets({ lines, waiting }: LiveLines, more: readonly AccessLine[]): boolean {
  const known = new Set([...lines, ...waiting].map(lineKey))
  return more.some(line => known.has(lineKey(line)))
}

/** Newest first by the time at the gate, so that what a gate kept while it was cut off comes in where it belongs. */
export function merge(lines: readonly AccessLine[], more: readonly AccessLine[]): readonly AccessLine[] {
  const byKey = new Map([...lines, ...more].map(line => [lineKey(line), line]))
  return [...byKey.values()].sort(newestFirst).slice(0, LINES_MAX)
}

function newestFirst(a: AccessLine, b: AccessLine): number {
  return Date.parse(b.at) - Date.parse(a.at) || a.gateId.localeCompare(b.gateId) || b.sequence - a.sequence
}

function unknown({ lines, waiting }: LiveLines, more: readonly AccessLine[]): readonly AccessLine[] {
  const known = new Set([...lines, ...waiting].map(lineKey))
  return more.filter(line => {
    const key = lineKey(line)
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

function take(state: LiveLines, fresh: readonly AccessLine[]): LiveLines {
  return holds(state)
    ? { ...state, waiting: merge(state.waiting, fresh) }
    : { ...state, lines: merge(state.lines, fresh) }
}

function release(state: LiveLines): LiveLines {
  if (holds(state) || state.waiting.length === 0) return state
  return { ...state, lines: merge(state.lines, state.waiting), waiting: [] }
}

function holds({ paused, atTop }: LiveLines): boolean {
  return paused || !atTop
}
