import { describe, expect, test } from 'vitest'
import type { Grant } from '../ports.ts'
import { type PassageEvent, type PassageSettings, passageAtStart, passageStep } from './passage.ts'

const TURNSTILE: PassageSettings = {
  hasPassage: true,
  hasSensor: false,
  hasFireAlarm: false,
  passWithinMs: 6_000,
  heldAfterMs: 20_000,
}
const DOOR: PassageSettings = { ...TURNSTILE, hasPassage: false, hasSensor: true }
const BOTH: PassageSettings = { ...TURNSTILE, hasSensor: true }
const FIRE: PassageSettings = { ...BOTH, hasFireAlarm: true }
const BARE: PassageSettings = { ...TURNSTILE, hasPassage: false }

const grants: Record<string, Grant> = {
  ann: { sequence: 1, passId: 'ann' },
  ben: { sequence: 2, passId: 'ben' },
}

/** `1000 granted ann`, `2000 passage on`, `3000 time`: one a line, in milliseconds. */
function read(line: string): PassageEvent {
  const [at, what, more] = line.trim().split(' ') as [string, string, string]
  const atMs = Number(at)
  if (what === 'granted' || what === 'withdrawn') return { kind: what, atMs, grant: grants[more]! }
  if (what === 'passed' || what === 'lost' || what === 'time') return { kind: what, atMs }
  if (what === 'fault') return { kind: 'fault', atMs, problem: more }
  return { kind: 'contact', atMs, contact: what as 'passage', active: more === 'on' }
}

/** Time comes only when it was asked for, as a door gives it. */
function played(
  settings: PassageSettings,
  story: string,
): { told: string[]; evacuating: boolean; dueMs: number | null } {
  let state = passageAtStart(settings, 0)
  let evacuating = false
  let due: number | null = null
  const told: string[] = []
  for (const line of story.split('\n').filter(text => text.trim() !== '')) {
    const event = read(line)
    const step = passageStep(state, event, settings)
    state = step.state
    evacuating = step.isEvacuating
    due = step.dueMs
    for (const { kind, grant, details } of step.happenings) {
      const words = Object.values(details).join(' ')
      told.push([`${event.atMs}`, kind, grant?.passId, words].filter(Boolean).join(' '))
    }
  }
  return { told, evacuating, dueMs: due }
}

const rows: readonly [string, PassageSettings, string, readonly string[]][] = [
  ['granted, then passed', TURNSTILE, '0 passage off\n100 granted ann\n900 passage on', ['900 passage ann']],
  ['granted, not passed', TURNSTILE, '0 passage off\n100 granted ann\n6100 time', ['6100 no_passage ann']],
  ['not yet due', TURNSTILE, '0 passage off\n100 granted ann\n6099 time', []],
  [
    'two in a row pass in their order',
    TURNSTILE,
    '0 passage off\n100 granted ann\n300 granted ben\n900 passage on\n1000 passage off\n1800 passage on',
    ['900 passage ann', '1800 passage ben'],
  ],
  [
    'one of two passes',
    TURNSTILE,
    '0 passage off\n100 granted ann\n300 granted ben\n900 passage on\n6300 time',
    ['900 passage ann', '6300 no_passage ben'],
  ],
  ['a passage that nobody was let through for', TURNSTILE, '0 passage off\n900 passage on', ['900 forced passage']],
  [
    'a passage too late is not the one that was let through',
    TURNSTILE,
    '0 passage off\n100 granted ann\n6200 passage on',
    ['6200 no_passage ann', '6200 forced passage'],
  ],
  ['a board that tells passages', TURNSTILE, '100 granted ann\n900 passed', ['900 passage ann']],
  ['a contact that is closed at the start is nobody', TURNSTILE, '0 passage on\n100 passage off', []],
  [
    'the same level again is nothing',
    TURNSTILE,
    '0 passage off\n1 granted ann\n9 passage on\n10 passage on',
    ['9 passage ann'],
  ],
  [
    'a release that failed expects nobody',
    TURNSTILE,
    '0 passage off\n100 granted ann\n400 withdrawn ann\n7000 time',
    [],
  ],
  ['a lock without contacts knows nothing', BARE, '100 granted ann\n99999 time', []],
  ['granted, then opened', DOOR, '0 sensor off\n100 granted ann\n900 sensor on\n3000 sensor off', ['900 opened ann']],
  ['granted, never opened', DOOR, '0 sensor off\n100 granted ann\n6100 time', ['6100 no_passage ann']],
  [
    'forced, and closed again',
    DOOR,
    '0 sensor off\n900 sensor on\n3000 sensor off',
    ['900 forced sensor', '3000 closed 2100'],
  ],
  [
    'held, and closed again',
    DOOR,
    '0 sensor off\n100 granted ann\n900 sensor on\n20900 time\n30000 sensor off',
    ['900 opened ann', '20900 held 20000', '30000 closed 29100'],
  ],
  [
    'open at the start is not forced, but may be held',
    DOOR,
    '0 sensor on\n20000 time\n21000 sensor off',
    ['20000 held 20000', '21000 closed 21000'],
  ],
  [
    'an exit button is a ground to open',
    DOOR,
    '0 sensor off\n0 exitButton off\n100 exitButton on\n200 exitButton off\n900 sensor on',
    ['100 exit_button', '900 opened exit_button'],
  ],
  [
    'until the last moment',
    DOOR,
    '0 sensor off\n0 exitButton off\n100 exitButton on\n200 exitButton off\n6100 sensor on',
    ['100 exit_button', '6100 opened exit_button'],
  ],
  [
    'and not for ever',
    DOOR,
    '0 sensor off\n0 exitButton off\n100 exitButton on\n200 exitButton off\n6101 sensor on',
    ['100 exit_button', '6101 forced sensor'],
  ],
  [
    'opened is not passed: both are told',
    BOTH,
    '0 sensor off\n0 passage off\n100 granted ann\n500 sensor on\n900 passage on\n950 passage off\n1500 sensor off',
    ['500 opened ann', '900 passage ann'],
  ],
  [
    'opened, and turned back',
    BOTH,
    '0 sensor off\n0 passage off\n100 granted ann\n500 sensor on\n6200 time\n7000 sensor off\n7001 time',
    ['500 opened ann', '7001 no_passage ann'],
  ],
  [
    'tampered with, and closed again',
    DOOR,
    '0 tamper off\n100 tamper on\n900 tamper off',
    ['100 tamper open', '900 tamper closed'],
  ],
  ['tampered with while nobody looked', DOOR, '0 tamper on', ['0 tamper open']],
  [
    'a fault is told once',
    TURNSTILE,
    '5 fault motor\n9 fault motor\n12 fault arm',
    ['5 alarm door_fault motor', '12 alarm door_fault arm'],
  ],
  [
    'lost contacts leave a passage unknown, not untrue',
    TURNSTILE,
    '0 passage off\n100 granted ann\n300 lost\n7000 time',
    ['300 alarm ann passage_unknown'],
  ],
  [
    'a fire alarm is told, and what opens in it is not forced',
    FIRE,
    '0 fireAlarm off\n0 sensor off\n0 passage off\n500 fireAlarm on\n900 sensor on\n950 passage on\n60000 time\n61000 sensor off\n62000 fireAlarm off',
    ['500 alarm fire_alarm', '900 opened fire_alarm', '950 passage fire_alarm', '62000 alarm fire_alarm_over'],
  ],
  ['a fire alarm that never was heard', FIRE, '0 passage off\n14999 time\n15000 time', ['15000 alarm fire_input_lost']],
  [
    'a fire alarm whose wire is lost, and back',
    FIRE,
    '0 fireAlarm off\n100 lost\n900 lost\n2000 fireAlarm off',
    ['100 alarm fire_input_lost', '2000 alarm fire_input_back'],
  ],
]

describe('what a door makes of what it hears', () => {
  test.each(rows)('%s', (_name, settings, story, expected) => {
    expect(played(settings, story).told).toEqual(expected)
  })

  test('it evacuates for as long as the alarm lasts, also when its wire is lost in it', () => {
    const alarm = '0 fireAlarm off\n500 fireAlarm on'
    expect(played(FIRE, alarm).evacuating).toBe(true)
    expect(played(FIRE, `${alarm}\n600 lost`).evacuating).toBe(true)
    expect(played(FIRE, `${alarm}\n600 lost\n650 lost\n700 fireAlarm on`).told).toEqual([
      '500 alarm fire_alarm',
      '600 alarm fire_input_lost',
    ])
    expect(played(FIRE, `${alarm}\n600 fireAlarm off`).evacuating).toBe(false)
  })

  test('it asks for the next moment that matters', () => {
    expect(played(TURNSTILE, '0 passage off').dueMs).toBeNull()
    expect(played(TURNSTILE, '100 granted ann\n300 granted ben').dueMs).toBe(6_100)
    expect(played(DOOR, '0 sensor off\n100 granted ann\n900 sensor on').dueMs).toBe(20_900)
  })

  test('a thousand grants that nobody uses are not kept', () => {
    let state = passageAtStart(TURNSTILE, 0)
    for (let atMs = 0; atMs < 1_000; atMs++)
      state = passageStep(state, { kind: 'granted', atMs, grant: grants.ann! }, TURNSTILE).state
    expect(state.expected).toHaveLength(16)
  })
})
