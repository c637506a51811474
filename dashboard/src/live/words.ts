import { explain } from '@gatehouse/shared/decision/explain.ts'
import type { EventKind } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import type { Outcome } from '../ui/shape.tsx'

/** What happened, as a guard says it. */
export const KIND_WORDS: Record<EventKind, string> = {
  granted: 'Granted',
  refused: 'Refused',
  opened: 'Door opened',
  passage: 'Passed through',
  no_passage: 'Granted, nobody passed',
  forced: 'Door forced',
  held: 'Door held open',
  closed: 'Door closed',
  exit_button: 'Exit button',
  tamper: 'Tampering',
  command: 'Command',
  boot: 'Gate started',
  clock: 'Clock changed',
  list: 'New list',
  config: 'New configuration',
  alarm: 'Alarm',
}

const ALARMS: readonly EventKind[] = ['forced', 'held', 'tamper', 'alarm']

export function outcomeOf({ kind }: Pick<AccessLine, 'kind'>): Outcome {
  if (kind === 'granted' || kind === 'refused') return kind
  return ALARMS.includes(kind) ? 'alarm' : 'other'
}

export function isScan({ kind }: Pick<AccessLine, 'kind'>): boolean {
  return kind === 'granted' || kind === 'refused'
}

/** Who it was, or what is known instead. */
export function who({ holder, kind, technology, gateName }: AccessLine): string {
  if (holder) return holder.name
  if (!isScan({ kind })) return gateName
  if (technology === 'ghp1') return 'Pass of an unknown holder'
  return technology === 'qr' ? 'Unknown code' : 'Unknown card'
}

/** Why, in a few words; empty where nothing needs a reason. */
export function why({ refusal, objection }: Pick<AccessLine, 'refusal' | 'objection'>): string {
  if (refusal) return explain(refusal).visitor
  return objection ? `Let out all the same: ${lowerFirst(explain(objection).visitor)}` : ''
}

export function where({ gateName, laneName }: Pick<AccessLine, 'gateName' | 'laneName'>): string {
  return laneName === null ? gateName : `${gateName}, ${laneName}`
}

/** The first letters of the first and last word of a name, whatever its script. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const first = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return first.map(word => (word ? firstGrapheme(word) : '')).join('')
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment.toLocaleUpperCase()
  return ''
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
