import { describe, expect, test } from 'vitest'
import type { Health } from '../ports.ts'
import { settled } from '../testing/board-in-hand.ts'
import { type GpioChipSettings, gpioChip } from '../testing/gpio-chip.ts'
import { handClock } from '../testing/hand-clock.ts'
import type { BoardEvent } from './board-line.ts'
import { gpioBoard } from './gpio.ts'
import { edgeOf, getArguments, monArguments, type StartTool, setArguments, toolsVersion } from './gpio-tools.ts'
import { keptBoard } from './kept-board.ts'

const LINE = { chip: 'gpiochip0', line: 17, active: true, activeLow: false }

describe('the arguments of libgpiod’s tools', () => {
  test.each([
    [1, LINE, '--mode=signal gpiochip0 17=1'],
    [1, { ...LINE, active: false, activeLow: true }, '--mode=signal --active-low gpiochip0 17=0'],
    [2, LINE, '--banner --chip gpiochip0 17=1'],
    [2, { ...LINE, active: false, activeLow: true }, '--banner --active-low --chip gpiochip0 17=0'],
  ] as const)('gpioset of %i.x', (version, line, args) => {
    expect(setArguments(version, line).join(' ')).toBe(args)
  })

  test.each([
    [1, '--bias=pull-up gpiochip0 5 6', '--line-buffered --bias=pull-up --format=%o %e gpiochip0 5 6'],
    [2, '--numeric --bias pull-up --chip gpiochip0 5 6', '--bias pull-up --format %o %e --chip gpiochip0 5 6'],
  ] as const)('gpioget and gpiomon of %i.x', (version, get, mon) => {
    expect(getArguments(version, 'gpiochip0', [5, 6]).join(' ')).toBe(get)
    expect(monArguments(version, 'gpiochip0', [5, 6]).join(' ')).toBe(mon)
  })

  test.each([
    ['gpioset (libgpiod) v1.6.3\nCopyright', 1],
    ['gpioset (libgpiod) v2.2.1', 2],
    ['gpioset (libgpiod) v3.0', null],
    ['', null],
  ])('%j is %s', (said, version) => {
    expect(toolsVersion(said)).toBe(version)
  })

  test.each([
    [1, '17 1', { line: 17, closed: false }],
    [1, '17 0', { line: 17, closed: true }],
    [1, '17 2', null],
    [2, '17 1', { line: 17, closed: false }],
    [2, '17 2', { line: 17, closed: true }],
    [2, '17 0', null],
    [2, 'Monitoring line 17...', null],
  ] as const)('in %i.x %j is %j', (version, said, edge) => {
    expect(edgeOf(version, said)).toEqual(edge)
  })
})

type Setup = { energised?: 'unlock' | 'lock'; activeLow?: boolean; inputs?: readonly number[]; start?: StartTool }

async function running(settings: GpioChipSettings, { energised = 'unlock', ...setup }: Setup = {}) {
  const [chip, clock] = [gpioChip(settings), handClock()]
  const healths: Health[] = []
  const events: (BoardEvent | { readonly kind: 'lost' })[] = []
  const stop = new AbortController()
  const board = keptBoard({
    name: 'gpiochip0',
    driver: gpioBoard({
      start: setup.start ?? chip.start,
      chip: 'gpiochip0',
      activeLow: setup.activeLow ?? false,
      inputs: setup.inputs ?? [],
      clock,
    }),
    outputs: [{ channel: 17, energised, pulseMs: 700, pulseMsMax: 30_000 }],
    report: health => healths.push(health),
    tell: event => events.push(event),
    clock,
    random: () => 1,
  })
  const run = board.run(stop.signal)
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      clock.advance(10)
      await settled()
    }
  }
  await settled()
  await pass(100)
  return {
    chip,
    clock,
    healths,
    events,
    pass,
    async release() {
      const released = board.release(17, clock.monotonicMs())
      await settled()
      await pass(60)
      return released
    },
    async stop() {
      stop.abort()
      await settled()
      await pass(200)
      await run
    },
  }
}

describe.each([1, 2] as const)('a line of GPIO, by the tools of %i.x', version => {
  test('is held off from the start, on for the pulse, and off again: in between it floats to off', async () => {
    const gate = await running({ version })
    expect(gate.healths).toEqual([{ up: true }])
    expect(gate.chip.levels).toEqual(['17 low'])
    expect(await gate.release()).toEqual({ ok: true, value: null })
    expect(gate.chip.levels.slice(1)).toEqual(['17 floats low', '17 high'])
    await gate.pass(800)
    expect(gate.chip.levels.slice(3)).toEqual(['17 floats low', '17 low'])
    expect(gate.chip.calls.slice(0, 2)).toEqual([
      'gpioset --version',
      `gpioset ${setArguments(version, { ...LINE, active: false }).join(' ')}`,
    ])
    await gate.stop()
    expect(gate.chip.levels.slice(5)).toEqual(['17 floats low'])
  })

  test('of a relay that pulls in on low floats high', async () => {
    const gate = await running({ version, floatsHigh: true }, { activeLow: true })
    await gate.release()
    await gate.pass(800)
    expect(gate.chip.levels).toEqual(['17 high', '17 floats high', '17 low', '17 floats high', '17 high'])
    await gate.stop()
  })

  test('a magnet holds, lets go for the pulse, and is not touched at a stop before it ends', async () => {
    const gate = await running({ version }, { energised: 'lock' })
    await gate.release()
    await gate.pass(800)
    expect(gate.chip.levels).toEqual(['17 high', '17 floats low', '17 low', '17 floats low', '17 high'])
    await gate.stop()
    expect(gate.chip.levels.slice(5)).toEqual(['17 floats low'])
  })

  test('a stop within a pulse ends it', async () => {
    const gate = await running({ version })
    await gate.release()
    await gate.stop()
    expect(gate.chip.levels.slice(-3)).toEqual(['17 floats low', '17 low', '17 floats low'])
    expect(gate.chip.isHeld(17)).toBe(false)
  })

  test('a program that dies is a lost line, with what it said, and the next one begins at rest', async () => {
    const gate = await running({ version })
    await gate.release()
    gate.chip.kill(17)
    await settled()
    await gate.pass(100)
    expect(gate.healths[1]).toEqual({
      up: false,
      problem: 'line 17 of gpiochip0 is not held: gpioset: killed',
    })
    await gate.pass(500)
    expect(gate.healths.at(-1)).toEqual({ up: true })
    expect(gate.chip.levels.at(-1)).toBe('17 low')
    await gate.pass(1_000)
    expect(gate.chip.levels.filter(level => level === '17 high')).toHaveLength(1)
    await gate.stop()
  })

  test('a line that another program has cannot be set, and that is said', async () => {
    const other = gpioChip({ version })
    const tool = other.start('gpioset', setArguments(version, LINE))
    const gate = await running({ version }, { start: other.start })
    expect(gate.healths[0]).toEqual({
      up: false,
      problem: 'line 17 of gpiochip0 is not held: gpioset: error setting the GPIO line values: Device or resource busy',
    })
    tool.end()
    await gate.pass(1_000)
    expect(gate.healths.at(-1)).toEqual({ up: true })
    await gate.stop()
  })

  test('a release that no program can hold is told as one that did not happen', async () => {
    const chip = gpioChip({ version })
    const other = chip.start('gpioset', setArguments(version, { ...LINE, line: 4 }))
    const gate = await running(
      { version },
      // Somebody takes the line between two programs of ours.
      {
        start: (program, args) =>
          chip.start(
            program,
            args.map(arg => (arg === '17=1' ? '4=1' : arg)),
          ),
      },
    )
    expect(gate.healths).toEqual([{ up: true }])
    expect(await gate.release()).toEqual({ ok: false, failure: 'write_failed' })
    other.end()
    await gate.stop()
  })

  test('contacts are told once each, then what lasts', async () => {
    const gate = await running({ version }, { inputs: [5, 6] })
    const told = () =>
      gate.events.map(event => (event.kind === 'input' ? `${event.channel} ${event.closed}` : event.kind))
    expect(told()).toEqual(['5 false', '6 false'])
    gate.chip.contact(5, true)
    gate.chip.contact(5, false)
    gate.chip.contact(5, true)
    await gate.pass(20)
    expect(told()).toHaveLength(2)
    await gate.pass(60)
    expect(told().slice(2)).toEqual(['5 true'])
    gate.chip.contact(6, true)
    gate.chip.contact(6, false)
    await gate.pass(100)
    expect(told()).toHaveLength(3)
    gate.chip.kill('monitor')
    await settled()
    await gate.stop()
  })
})

test('without the tools it says what to install', async () => {
  const gate = await running(
    { version: 2 },
    {
      start: () => ({
        lines: (async function* () {})(),
        ended: Promise.resolve('setpriv: failed to execute gpioset: No such file or directory'),
        end() {},
      }),
    },
  )
  expect(gate.healths[0]).toEqual({
    up: false,
    problem:
      'libgpiod’s tools are not here: sudo apt install gpiod (setpriv: failed to execute gpioset: No such file or directory)',
  })
  await gate.stop()
})
