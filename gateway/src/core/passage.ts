import type { EventKind } from '@gatehouse/shared/events/record.ts'
import type { Grant } from '../ports.ts'

/** What a door can hear of itself, and for how long it waits. */
export type PassageSettings = {
  /** Something tells when somebody went through: a contact of the turnstile, a beam, or its board. */
  readonly hasPassage: boolean
  readonly hasSensor: boolean
  readonly hasFireAlarm: boolean
  readonly passWithinMs: number
  readonly heldAfterMs: number
}

/** People on a monotonic clock, in milliseconds. */
export type PassageEvent =
  /** The door is being released for somebody. */
  | { readonly kind: 'granted'; readonly atMs: number; readonly grant: Grant }
  /** It could not be released after all. */
  | { readonly kind: 'withdrawn'; readonly atMs: number; readonly grant: Grant }
  | { readonly kind: 'contact'; readonly atMs: number; readonly contact: PassageContact; readonly active: boolean }
  /** A board that says so itself: somebody went through. */
  | { readonly kind: 'passed'; readonly atMs: number }
  | { readonly kind: 'fault'; readonly atMs: number; readonly problem: string }
  /** Nobody hears the contacts any more. */
  | { readonly kind: 'lost'; readonly atMs: number }
  /** The moment that was asked for has come. */
  | { readonly kind: 'time'; readonly atMs: number }

export type PassageContact = 'passage' | 'sensor' | 'exitButton' | 'fireAlarm' | 'tamper'

/** What happened, as the event says it. `grant`: whom it was for. */
export type Happening = {
  readonly kind: Extract<
    EventKind,
    'opened' | 'passage' | 'no_passage' | 'forced' | 'held' | 'closed' | 'exit_button' | 'tamper' | 'alarm'
  >
  readonly grant: Grant | null
  readonly details: Readonly<Record<string, string | number>>
}

type Expected = { readonly grant: Grant; readonly untilMs: number; readonly hasOpened: boolean }

type Opening = {
  readonly sinceMs: number
  /** Something is to be said when it closes: it was held, or forced. */
  readonly isTold: boolean
  readonly isHeld: boolean
}

export type PassageState = {
  /** Who was let through and has not been, oldest first. */
  readonly expected: readonly Expected[]
  /** While the door is open. */
  readonly opening: Opening | null
  /** Until when leaving by the button needs no grant. */
  readonly exitUntilMs: number
  /** `unheard`: its contact has not been heard since the start. */
  readonly fire: 'unheard' | 'calm' | 'alarm' | 'lost'
  /** When silence of the fire alarm's contact is an alarm. */
  readonly fireDueMs: number | null
  readonly levels: Readonly<Partial<Record<PassageContact, boolean>>>
  readonly problem: string | null
}

export type PassageStep = {
  readonly state: PassageState
  readonly happenings: readonly Happening[]
  /** When it wants to hear of time; null: not before something happens. */
  readonly dueMs: number | null
  /** The alarm has released the door in hardware: it is not locked again. */
  readonly isEvacuating: boolean
}

/** A start needs some seconds until every board was heard. */
const FIRE_HEARD_WITHIN_MS = 15_000
/** More people cannot stand between a reader and a turnstile. */
const EXPECTED_MAX = 16

export function passageAtStart({ hasFireAlarm }: PassageSettings, atMs: number): PassageState {
  return {
    expected: [],
    opening: null,
    exitUntilMs: Number.NEGATIVE_INFINITY,
    fire: 'unheard',
    fireDueMs: hasFireAlarm ? atMs + FIRE_HEARD_WITHIN_MS : null,
    levels: {},
    problem: null,
  }
}

/**
 * What a door makes of what it hears: granted, opened, passed, not passed, held, forced, closed, fault.
 *
 * The lock's release is not an opening and an opening is no passage: each has an event of its own. Where something tells of
 * passages, only that is one; where there is but a sensor, the opening is all that is known of it.
 */
export function passageStep(state: PassageState, event: PassageEvent, settings: PassageSettings): PassageStep {
  const late = overdue(state, event.atMs, settings)
  const heard = hear(late.state, event, settings)
  return {
    state: heard.state,
    happenings: [...late.happenings, ...heard.happenings],
    dueMs: dueOf(heard.state, settings),
    isEvacuating: heard.state.fire === 'alarm',
  }
}

type Told = { readonly state: PassageState; readonly happenings: readonly Happening[] }

const silently = (state: PassageState): Told => ({ state, happenings: [] })
const happening = (
  kind: Happening['kind'],
  details: Happening['details'] = {},
  grant: Grant | null = null,
): Happening => ({
  kind,
  grant,
  details,
})

function hear(state: PassageState, event: PassageEvent, settings: PassageSettings): Told {
  switch (event.kind) {
    case 'granted': {
      if (!settings.hasPassage && !settings.hasSensor) return silently(state)
      const untilMs = event.atMs + settings.passWithinMs
      const expected = [...state.expected, { grant: event.grant, untilMs, hasOpened: false }].slice(-EXPECTED_MAX)
      return silently({ ...state, expected })
    }
    case 'withdrawn':
      return silently({ ...state, expected: state.expected.filter(({ grant }) => grant !== event.grant) })
    case 'passed':
      return passed(state, event.atMs)
    case 'fault':
      if (event.problem === state.problem) return silently(state)
      return {
        state: { ...state, problem: event.problem },
        happenings: [happening('alarm', { problem: 'door_fault', fault: event.problem })],
      }
    case 'lost':
      return lost(state, settings)
    case 'contact':
      return contact(state, event, settings)
    case 'time':
      return silently(state)
  }
}

function contact(
  state: PassageState,
  { contact, active, atMs }: Extract<PassageEvent, { kind: 'contact' }>,
  settings: PassageSettings,
): Told {
  const before = state.levels[contact]
  if (before === active) return silently(state)
  const now = { ...state, levels: { ...state.levels, [contact]: active } }
  switch (contact) {
    case 'passage':
      // The first level after a start tells how it stands, not that somebody went.
      return active && before !== undefined ? passed(now, atMs) : silently(now)
    case 'sensor':
      if (active) return before === undefined ? found(now, atMs) : opened(now, atMs, settings)
      return closed(now, atMs)
    case 'exitButton':
      if (!active || before === undefined) return silently(now)
      return {
        state: { ...now, exitUntilMs: atMs + settings.passWithinMs },
        happenings: [happening('exit_button')],
      }
    case 'tamper':
      if (!active && before === undefined) return silently(now)
      return { state: now, happenings: [happening('tamper', { state: active ? 'open' : 'closed' })] }
    case 'fireAlarm':
      return fireHeard(now, active)
  }
}

function fireHeard(state: PassageState, active: boolean): Told {
  const back = state.fire === 'lost' ? [happening('alarm', { problem: 'fire_input_back' })] : []
  const said = active
    ? state.fire === 'alarm'
      ? []
      : [happening('alarm', { problem: 'fire_alarm' })]
    : state.fire === 'alarm'
      ? [happening('alarm', { problem: 'fire_alarm_over' })]
      : []
  return { state: { ...state, fire: active ? 'alarm' : 'calm', fireDueMs: null }, happenings: [...back, ...said] }
}

/** It stood open when it was first heard: nobody knows why, but how long it stays so is known from here. */
function found(state: PassageState, atMs: number): Told {
  return silently({ ...state, opening: { sinceMs: atMs, isTold: false, isHeld: false } })
}

function opened(state: PassageState, atMs: number, { hasPassage }: PassageSettings): Told {
  const opening = { sinceMs: atMs, isTold: false, isHeld: false }
  const first = state.expected.findIndex(({ hasOpened }) => !hasOpened)
  const one = state.expected[first]
  if (one !== undefined) {
    // Without a contact for passages this is all that will be known of theirs.
    const expected = hasPassage
      ? state.expected.with(first, { ...one, hasOpened: true })
      : state.expected.filter(other => other !== one)
    return { state: { ...state, opening, expected }, happenings: [happening('opened', {}, one.grant)] }
  }
  const ground = groundOf(state, atMs)
  if (ground !== null) return { state: { ...state, opening }, happenings: [happening('opened', { ground })] }
  return {
    state: { ...state, opening: { ...opening, isTold: true } },
    happenings: [happening('forced', { by: 'sensor' })],
  }
}

function closed(state: PassageState, atMs: number): Told {
  const { opening } = state
  const shut = { ...state, opening: null }
  if (opening === null || !opening.isTold) return silently(shut)
  return { state: shut, happenings: [happening('closed', { openMs: atMs - opening.sinceMs })] }
}

function passed(state: PassageState, atMs: number): Told {
  const [one, ...expected] = state.expected
  if (one !== undefined) return { state: { ...state, expected }, happenings: [happening('passage', {}, one.grant)] }
  const ground = groundOf(state, atMs)
  if (ground !== null) return { state, happenings: [happening('passage', { ground })] }
  return { state, happenings: [happening('forced', { by: 'passage' })] }
}

/** Why somebody may go through whom no pass let through. */
function groundOf(state: PassageState, atMs: number): 'fire_alarm' | 'exit_button' | null {
  if (state.fire === 'alarm') return 'fire_alarm'
  return atMs <= state.exitUntilMs ? 'exit_button' : null
}

/** What the contacts would have said of those who were let through is not known, and nobody is said not to have gone. */
function lost(state: PassageState, { hasFireAlarm }: PassageSettings): Told {
  const unknown = state.expected.map(({ grant }) => happening('alarm', { problem: 'passage_unknown' }, grant))
  const isSaid = state.fire === 'lost' || (state.fire === 'alarm' && state.levels.fireAlarm === undefined)
  const isNews = hasFireAlarm && !isSaid
  // An alarm goes on: with its wire cut nobody can say that it is over.
  const fire = state.fire === 'alarm' ? ('alarm' as const) : hasFireAlarm ? ('lost' as const) : state.fire
  const alarm = isNews ? [happening('alarm', { problem: 'fire_input_lost' })] : []
  return {
    state: { ...state, expected: [], opening: null, levels: {}, fire, fireDueMs: null },
    happenings: [...unknown, ...alarm],
  }
}

/** What became due before something happened, or with it. */
function overdue(state: PassageState, atMs: number, settings: PassageSettings): Told {
  const happenings: Happening[] = []
  let now = state
  const isWaiting = (one: Expected) => one.untilMs > atMs || (one.hasOpened && now.opening !== null)
  for (const one of now.expected) if (!isWaiting(one)) happenings.push(happening('no_passage', {}, one.grant))
  if (happenings.length > 0) now = { ...now, expected: now.expected.filter(isWaiting) }
  const { opening, fireDueMs } = now
  if (opening !== null && !opening.isHeld && now.fire !== 'alarm' && atMs >= opening.sinceMs + settings.heldAfterMs) {
    now = { ...now, opening: { ...opening, isHeld: true, isTold: true } }
    happenings.push(happening('held', { openMs: atMs - opening.sinceMs }))
  }
  if (fireDueMs !== null && atMs >= fireDueMs) {
    now = { ...now, fire: 'lost', fireDueMs: null }
    happenings.push(happening('alarm', { problem: 'fire_input_lost' }))
  }
  return { state: now, happenings }
}

function dueOf({ expected, opening, fire, fireDueMs }: PassageState, { heldAfterMs }: PassageSettings): number | null {
  const dues = [
    ...expected.filter(({ hasOpened }) => !hasOpened || opening === null).map(({ untilMs }) => untilMs),
    ...(opening === null || opening.isHeld || fire === 'alarm' ? [] : [opening.sinceMs + heldAfterMs]),
    ...(fireDueMs === null ? [] : [fireDueMs]),
  ]
  return dues.length === 0 ? null : Math.min(...dues)
}
