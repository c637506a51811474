import { describe, expect, test } from 'vitest'
import { boardOnTable, gateAt, type Settings, type Table } from '../testing/board-in-hand.ts'

/** Families whose outputs can be brought to a level, and their ways to speak. */
const LEVELS: readonly (readonly [string, Settings])[] = [
  ['lcus', { family: 'lcus' }],
  ['kmtronic of one', { family: 'kmtronic', relays: 1 }],
  ['kmtronic of two', { family: 'kmtronic', relays: 2 }],
  ['kmtronic of eight', { family: 'kmtronic', relays: 8 }],
  ['numato', { family: 'numato' }],
  ['sainsmart16', { family: 'sainsmart16' }],
  ['modbus-flash', { family: 'modbus-flash' }],
  ['modbus-flash in TCP', { family: 'modbus-flash', framing: 'tcp' }],
  ['modbus-coil', { family: 'modbus-coil', address: 7 }],
  ['modbus-coil in TCP', { family: 'modbus-coil', framing: 'tcp' }],
  ['lc', { family: 'lc' }],
]

const MAGNET = { energised: 'lock' } as const
const isOn = (table: Table) => table.device.state(1).energised

/** How long an output was the other way, to the step of the clock. */
function lengthOf(changes: readonly string[], at: number): number {
  const [begin, end] = [changes[at]!, changes[at + 1]!].map(change => Number(change.split(' ')[2]))
  return end! - begin!
}

describe.each(LEVELS)('%s', (_name, settings) => {
  test('a strike is without current, has it for the pulse, and is without it again', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table)
    await table.pass(50)
    expect(gate.healths).toEqual([{ up: true }])
    expect(table.changes).toEqual([])
    expect(await gate.release()).toEqual({ ok: true, value: null })
    expect(isOn(table)).toBe(true)
    await table.pass(800)
    expect(table.changes.map(change => change.slice(0, 5).trim())).toEqual(['1 on', '1 off'])
    expect(lengthOf(table.changes, 0)).toBeGreaterThanOrEqual(700)
    expect(lengthOf(table.changes, 0)).toBeLessThanOrEqual(750)
    await gate.stop()
    expect(isOn(table)).toBe(false)
  })

  test('a magnet holds from the start, lets go for the pulse, and holds again, also after the stop', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table, { outputs: [MAGNET] })
    await table.pass(50)
    expect(isOn(table)).toBe(true)
    expect(await gate.release()).toEqual({ ok: true, value: null })
    expect(isOn(table)).toBe(false)
    await table.pass(800)
    expect(isOn(table)).toBe(true)
    expect(lengthOf(table.changes, 1)).toBeGreaterThanOrEqual(700)
    expect(lengthOf(table.changes, 1)).toBeLessThanOrEqual(750)
    await gate.stop()
    expect(isOn(table)).toBe(true)
    expect(table.changes).toHaveLength(3)
  })

  test('a stop within a pulse locks', async () => {
    for (const [use, locked] of [
      [{}, false],
      [MAGNET, true],
    ] as const) {
      const table = boardOnTable(settings)
      const gate = await gateAt(table, { outputs: [use] })
      await table.pass(50)
      await gate.release()
      expect(isOn(table)).toBe(!locked)
      await gate.stop()
      expect(isOn(table)).toBe(locked)
      expect(table.line().closed).toBe(true)
    }
  })

  test('pulled within a pulse and plugged in again: locked first of all, and nothing opens by an old grant', async () => {
    for (const [use, locked] of [
      [{}, false],
      [MAGNET, true],
    ] as const) {
      const table = boardOnTable(settings)
      const gate = await gateAt(table, { outputs: [use] })
      await table.pass(50)
      await gate.release()
      const grantedAtMs = table.clock.monotonicMs()
      table.pull()
      await table.pass(50)
      expect(await gate.board.release(1, grantedAtMs)).toEqual({ ok: false, failure: 'absent' })
      await table.pass(2_000)
      table.plug()
      await table.pass(2_000)
      expect(gate.healths.at(-1)).toEqual({ up: true })
      expect(isOn(table)).toBe(locked)
      const before = table.changes.length
      expect(await gate.board.release(1, grantedAtMs)).toEqual({ ok: false, failure: 'too_late' })
      await table.pass(1_000)
      expect(table.changes).toHaveLength(before)
      await gate.stop()
    }
  })

  test('left open by a process that was killed: the first thing that the next one says ends that', async () => {
    const table = boardOnTable(settings)
    let isKilled = false
    const open = async (signal: AbortSignal) => {
      if (isKilled) throw new Error('killed')
      return table.open(signal)
    }
    const killed = await gateAt({ ...table, open }, { outputs: [{ pulseMs: 30_000 }] })
    await table.pass(50)
    await killed.release()
    // Nothing that it says reaches the board any more.
    isKilled = true
    table.pull()
    await table.pass(50)
    expect(isOn(table)).toBe(true)
    table.plug()
    const gate = await gateAt(table)
    await table.pass(20)
    expect(isOn(table)).toBe(false)
    await gate.stop()
    await killed.stop()
  })

  test('the last of its outputs is told from its first', async () => {
    const table = boardOnTable(settings)
    const last = settings.relays === undefined ? 8 : (settings.relays as number)
    const gate = await gateAt(table, { outputs: [{ channel: last }] })
    await table.pass(50)
    expect(await gate.release(last)).toEqual({ ok: true, value: null })
    expect(table.device.state(last).energised).toBe(true)
    if (last > 1) expect(isOn(table)).toBe(false)
    await gate.stop()
  })
})

describe.each(LEVELS.slice(1))('%s', (_name, settings) => {
  test('a board without power is down with what to check, and up when it has power again', async () => {
    const table = boardOnTable(settings)
    table.deafen(true)
    const gate = await gateAt(table)
    await table.pass(2_000)
    expect(gate.healths[0]).toEqual({
      up: false,
      problem: 'the board on /dev/board does not answer (no_answer): check its power, address and wiring',
    })
    table.deafen(false)
    await table.pass(4_000)
    expect(gate.healths.at(-1)).toEqual({ up: true })
    expect(table.changes).toEqual([])
    table.deafen(true)
    await table.pass(12_000)
    expect(gate.healths.at(-1)?.up).toBe(false)
    await gate.stop()
  })

  test('that does not hear the end of a pulse is told it again on a new line', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table)
    await table.pass(50)
    await gate.release()
    table.deafen(true)
    await table.pass(5_000)
    expect(isOn(table)).toBe(gate.board.pulse === 'software-timed')
    table.deafen(false)
    await table.pass(5_000)
    expect(table.device.state(1)).toMatchObject({ energised: false, pulses: 1 })
    expect(gate.healths.at(-1)).toEqual({ up: true })
    await gate.stop()
  })

  test('answers that come in pieces are put together', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table)
    await table.pass(50)
    const port = table.line()
    const feed = port.feed
    port.feed = (...chunks) => {
      for (const chunk of chunks) for (const byte of Buffer.from(chunk as Uint8Array)) feed(Uint8Array.of(byte))
    }
    expect(await gate.release()).toEqual({ ok: true, value: null })
    await table.pass(3_000)
    expect(gate.healths).toEqual([{ up: true }])
    await gate.stop()
  })

  test('noise between answers disturbs nothing', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table)
    await table.pass(50)
    table.line().feed(Uint8Array.from({ length: 4_096 }, (_, at) => (at * 37) & 0xff))
    await table.pass(10)
    expect(await gate.release()).toEqual({ ok: true, value: null })
    await gate.stop()
  })
})

const INPUTS: readonly (readonly [string, Settings])[] = [
  ['numato', { family: 'numato' }],
  ['modbus-flash', { family: 'modbus-flash' }],
  ['modbus-flash in TCP', { family: 'modbus-flash', framing: 'tcp' }],
  ['modbus-coil', { family: 'modbus-coil' }],
  ['lc', { family: 'lc' }],
]

describe.each(INPUTS)('inputs of %s', (_name, settings) => {
  test('every level is told once, then each change that lasts, and all again on a new line', async () => {
    const table = boardOnTable(settings)
    table.device.contact(2, true)
    const gate = await gateAt(table, { inputs: [1, 2, 8] })
    const told = () =>
      gate.events.map(event => (event.kind === 'input' ? `${event.channel} ${event.closed}` : event.kind))
    await table.pass(300)
    expect(told()).toEqual(['1 false', '2 true', '8 false'])
    table.device.contact(8, true)
    await table.pass(300)
    table.device.contact(8, false)
    table.device.contact(2, false)
    await table.pass(300)
    expect(told().slice(3)).toEqual(['8 true', '2 false', '8 false'])
    table.pull()
    await table.pass(20)
    table.plug()
    table.device.contact(1, true)
    await table.pass(2_000)
    expect(told().slice(6)).toEqual(['lost', '1 true', '2 false', '8 false'])
    await gate.stop()
  })

  test('a release is heard between two questions', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table, { inputs: [1] })
    await table.pass(200)
    expect(await gate.release()).toEqual({ ok: true, value: null })
    expect(isOn(table)).toBe(true)
    await gate.stop()
  })
})

const TURNSTILES: readonly (readonly [string, Settings])[] = [
  ['digicon', { family: 'digicon' }],
  ['digicon, swapped', { family: 'digicon', swapped: true }],
  ['mach-power', { family: 'mach-power', address: 3 }],
  ['gate-7e', { family: 'gate-7e', machine: 2 }],
]
const BOTH = { outputs: [{ channel: 1 }, { channel: 2 }] }

describe.each(TURNSTILES)('%s', (_name, settings) => {
  test('lets through to the side that was granted, and to no other', async () => {
    for (const [channel, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const table = boardOnTable(settings)
      const gate = await gateAt(table, BOTH)
      await table.pass(500)
      expect(table.changes).toEqual([])
      expect(await gate.release(channel)).toEqual({ ok: true, value: null })
      expect(table.device.state(channel)).toMatchObject({ energised: true, pulses: 1 })
      expect(table.device.state(other)).toMatchObject({ energised: false, pulses: 0 })
      table.device.contact(channel, true)
      await table.pass(700)
      const told = gate.events.filter(({ kind }) => kind === 'passed')
      expect(told).toEqual(settings.family === 'mach-power' ? [] : [{ kind: 'passed', channel }])
      await gate.stop()
    }
  })

  test('is locked at the start and at the stop, and after it was away', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table, BOTH)
    await table.pass(500)
    await gate.release(1)
    await gate.stop()
    // A Mach-Power has no word for it, and locks when its own time is over.
    if (settings.family === 'mach-power') await table.pass(5_000)
    expect(table.device.state(1).energised).toBe(false)
    expect(table.line().closed).toBe(true)
  })

  test('noise and half a frame before the answer disturb nothing', async () => {
    const table = boardOnTable(settings)
    const gate = await gateAt(table, BOTH)
    await table.pass(500)
    table.line().feed(Uint8Array.of(0x02, 0x02, 0x00, 0x7f, 0xeb, 0x02, 0xff))
    await table.pass(100)
    expect(await gate.release(2)).toEqual({ ok: true, value: null })
    await gate.stop()
  })
})
