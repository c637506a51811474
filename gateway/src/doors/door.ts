import { fail, type Result } from '@gatehouse/shared/result.ts'
import {
  CONTACTS,
  type Contact,
  type ContactName,
  type DoorConfig,
} from '@gatehouse/shared/wire/hardware/door-config.ts'
import type { Interlock } from '../core/interlock.ts'
import { type Happening, type PassageEvent, passageAtStart, passageStep } from '../core/passage.ts'
import type { Clock, Door, DoorFailure, Grant } from '../ports.ts'
import type { BoardEvent } from './board-line.ts'
import { GRANT_AGE_MS_MAX, type KeptBoard } from './kept-board.ts'

export type FittedDoorNeeds = {
  readonly lane: string
  readonly config: DoorConfig
  /** The board of its output. */
  readonly board: KeptBoard
  /** Whether that board tells of passages itself. */
  readonly tellsPassages: boolean
  readonly interlock: Interlock
  readonly clock: Clock
  /** Hears of everything that happens at the door, in order. */
  readonly happened: (happening: Happening) => void
  /** Hears when the alarm begins and ends. */
  readonly evacuating: (yes: boolean) => void
}

export type FittedDoor = Door & {
  /** What a board says, by its name; `lost` when its line went. */
  heard(board: string, event: BoardEvent | { readonly kind: 'lost' }): void
  /** Gives the door its time until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** A lock with its contacts: what is released, and what comes of it. */
export function fittedDoor(needs: FittedDoorNeeds): FittedDoor {
  const { lane, config, board, tellsPassages, interlock, clock, happened, evacuating } = needs
  const { contacts, output } = config
  const settings = {
    hasPassage: contacts.passage !== undefined || tellsPassages,
    hasSensor: contacts.sensor !== undefined,
    hasFireAlarm: contacts.fireAlarm !== undefined,
    passWithinMs: config.passWithinMs,
    heldAfterMs: config.heldAfterMs,
  }
  let state = passageAtStart(settings, clock.monotonicMs())
  let dueMs: number | null = passageStep(state, { kind: 'time', atMs: clock.monotonicMs() }, settings).dueMs
  let isEvacuating = false
  let woken = new AbortController()
  const wake = () => woken.abort()

  const hear = (event: PassageEvent) => {
    const step = passageStep(state, event, settings)
    state = step.state
    dueMs = step.dueMs
    if (step.isEvacuating !== isEvacuating) {
      isEvacuating = step.isEvacuating
      board.leaveReleased(output.channel, isEvacuating)
      evacuating(isEvacuating)
    }
    interlock.stands(lane, state.opening !== null)
    for (const happening of step.happenings) happened(happening)
    wake()
  }

  const byContact = CONTACTS.flatMap(name => {
    const contact = contacts[name]
    return contact === undefined ? [] : [{ name, contact }]
  })
  const nameOf = (board: string, channel: number): { name: ContactName; contact: Contact } | undefined =>
    byContact.find(({ contact }) => contact.board === board && contact.channel === channel)

  /** Waits for the other door where that ends in time. */
  const turn = async (grantedAtMs: number): Promise<Result<null, DoorFailure> | null> => {
    for (;;) {
      const nowMs = clock.monotonicMs()
      const waitMs = interlock.waitMs(lane, nowMs)
      if (waitMs === null || nowMs + waitMs - grantedAtMs > GRANT_AGE_MS_MAX) return fail('interlocked')
      if (waitMs === 0) {
        // Taken in the same turn: of two people at once the second one waits.
        interlock.take(lane, nowMs + config.pulseMs)
        return null
      }
      await clock.after(waitMs)
    }
  }

  return {
    pulse: board.pulse,
    evidence: settings.hasPassage ? 'passage' : settings.hasSensor ? 'opening' : 'none',
    async release(grantedAtMs, grant: Grant) {
      const refused = await turn(grantedAtMs)
      if (refused !== null) return refused
      const nowMs = clock.monotonicMs()
      // Before the board has answered: its door may be open by then.
      hear({ kind: 'granted', atMs: nowMs, grant })
      const released = await board.release(output.channel, grantedAtMs)
      if (!released.ok) {
        interlock.free(lane)
        hear({ kind: 'withdrawn', atMs: clock.monotonicMs(), grant })
      }
      return released
    },
    heard(from, event) {
      const atMs = clock.monotonicMs()
      if (event.kind === 'lost') {
        const isOurs =
          byContact.some(({ contact }) => contact.board === from) || (tellsPassages && from === output.board)
        if (isOurs) hear({ kind: 'lost', atMs })
      } else if (event.kind === 'input') {
        const named = nameOf(from, event.channel)
        if (named === undefined) return
        const active = event.closed === (named.contact.active === 'closed')
        hear({ kind: 'contact', atMs, contact: named.name, active })
      } else if (from === output.board) {
        if (event.kind === 'fault') hear({ kind: 'fault', atMs, problem: event.problem })
        else if (event.channel === output.channel) hear({ kind: 'passed', atMs })
      }
    },
    async run(signal) {
      signal.addEventListener('abort', wake, { once: true })
      while (!signal.aborted) {
        woken = new AbortController()
        const { signal: changed } = woken
        if (dueMs === null) await new Promise<void>(resolve => changed.addEventListener('abort', () => resolve()))
        else await clock.after(Math.max(0, dueMs - clock.monotonicMs()), changed)
        if (!changed.aborted) hear({ kind: 'time', atMs: clock.monotonicMs() })
      }
    },
  }
}
