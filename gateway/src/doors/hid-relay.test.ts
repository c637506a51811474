import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, test } from 'vitest'
import type { ReportPort } from '../ports.ts'
import { boardDevice } from '../simulators/boards.ts'
import type { Features } from '../simulators/device.ts'
import { handClock } from '../testing/hand-clock.ts'
import { type MemoryReportPort, memoryReportPort } from '../testing/memory-report-port.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { dcttechState, HID_RELAY_NEEDS, type HidRelayModel, hidRelayBoard, hidRelayReport } from './hid-relay.ts'

const never = new AbortController().signal
const golden = protocolVectors.dcttech

/** A board of a make on a port in memory, with its simulated far side. */
async function onTable(model: HidRelayModel, spoil: (features: Features) => Features = features => features) {
  const clock = handClock()
  const config = { family: 'hid-relay', id: 'board', model, port: { kind: 'hid-tcp', host: 'x', port: 1 } } as const
  const device = boardDevice(config, { clock, send() {} })
  const memory = memoryReportPort(device.features && spoil(device.features))
  const port: ReportPort = {
    ...memory,
    async write(report) {
      await memory.write(report)
      device.receive(report)
    },
  }
  const line = await hidRelayBoard({ open: async () => port, model, clock }).open(never)
  return { line, device, clock, memory: memory as MemoryReportPort }
}

describe('the reports of HID relays', () => {
  test('dcttech: the published ones', () => {
    expect(toHex(hidRelayReport('dcttech', 1, true))).toBe(golden.on1!.toLowerCase())
    expect(toHex(hidRelayReport('dcttech', 1, false))).toBe(golden.off1!.toLowerCase())
  })

  // zwizwa/usb_relay_ch551g: channel 2 on is 00 f2, off 00 02.
  test('Ucreatefun: the channel, and F in front of it for on', () => {
    expect(toHex(hidRelayReport('ucreatefun', 2, true))).toBe('00f200000000000000')
    expect(toHex(hidRelayReport('ucreatefun', 2, false))).toBe('000200000000000000')
  })

  test('LCUS with a HID chip: the frame of an LCUS', () => {
    expect(toHex(hidRelayReport('lcus-hid', 1, true))).toBe(`00${protocolVectors.lcus.on1!.toLowerCase()}00000000`)
    expect(toHex(hidRelayReport('lcus-hid', 8, false))).toBe(`00${protocolVectors.lcus.off8!.toLowerCase()}00000000`)
  })
})

describe('what a dcttech board says of itself', () => {
  const serial = Buffer.from('BITFT').toString('hex')

  test.each([
    ['by id 1, over the id', `${serial}000003`, { serial: 'BITFT', relays: 3 }],
    ['by id 0, behind the id', `00${serial}000005`, { serial: 'BITFT', relays: 5 }],
    ['by id 1, behind the id', `01${serial}000080`, { serial: 'BITFT', relays: 128 }],
    ['cut short', `${serial}0000`, null],
    ['without a serial number', '000000000000000000', null],
    ['nothing', '', null],
  ])('%s', (_how, hex, state) => {
    expect(dcttechState(fromHex(hex)!)).toEqual(state)
  })

  test('its serial number is asked for by opening it', async () => {
    const { memory } = await onTable('dcttech')
    expect(await HID_RELAY_NEEDS.dcttech.serialOf!(memory)).toBe('GATE1')
  })
})

describe.each(['dcttech', 'ucreatefun', 'lcus-hid'] as const)('a %s board', model => {
  test('goes on and off, each relay by itself', async () => {
    const { line, device } = await onTable(model)
    expect(await line.set(1, true)).toEqual({ ok: true, value: null })
    expect(await line.set(4, true)).toEqual({ ok: true, value: null })
    expect([1, 2, 4].map(channel => device.state(channel).energised)).toEqual([true, false, true])
    expect(await line.set(1, false)).toEqual({ ok: true, value: null })
    expect([1, 2, 4].map(channel => device.state(channel).energised)).toEqual([false, false, true])
    expect(device.state(1).pulses).toBe(1)
  })

  test('has no timer', async () => {
    const { line } = await onTable(model)
    expect(line.flash).toBeNull()
  })

  test('is told one thing after the other, also when asked at once', async () => {
    const { line, device } = await onTable(model)
    await Promise.all([line.set(1, true), line.set(1, false), line.set(1, true), line.set(1, false)])
    expect(device.state(1)).toMatchObject({ energised: false, pulses: 2 })
  })

  test('that is unplugged ends the listening', async () => {
    const { line, memory } = await onTable(model)
    const listening = line.listen(() => {})
    memory.hangUp(new Error('/dev/hidraw0 is gone'))
    await expect(listening).rejects.toThrow('is gone')
  })

  test('is closed with its line', async () => {
    const { line, memory } = await onTable(model)
    await line[Symbol.asyncDispose]()
    await line.listen(() => {})
    expect(memory.closed).toBe(true)
  })
})

describe('a dcttech board whose state', () => {
  test('is another than it was told has refused', async () => {
    const { line } = await onTable('dcttech', features => ({ ...features, set: () => true }))
    expect(await line.set(1, true)).toEqual({ ok: false, failure: 'refused' })
    expect(await line.set(1, false)).toEqual({ ok: true, value: null })
  })

  test('cannot be read now and then is asked again', async () => {
    let asked = 0
    const { line, clock } = await onTable('dcttech', features => ({
      set: () => true,
      get: reportId => (++asked < 3 ? null : features.get(reportId)),
    }))
    const set = line.set(1, true)
    for (let pause = 0; pause < 2; pause++) {
      await clock.waiting()
      clock.advance(20)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await set).toEqual({ ok: false, failure: 'refused' })
    expect(asked).toBe(3)
  })

  test('cannot be read at all is believed', async () => {
    const { line, clock, device } = await onTable('dcttech', features => ({ ...features, get: () => null }))
    const set = line.set(1, true)
    for (let pause = 0; pause < 2; pause++) {
      await clock.waiting()
      clock.advance(20)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await set).toEqual({ ok: true, value: null })
    expect(device.state(1).energised).toBe(true)
  })

  test('takes no report is not there, and throws', async () => {
    const { line } = await onTable('dcttech', features => ({ ...features, set: () => false }))
    await expect(line.set(1, true)).rejects.toThrow('could not send')
  })
})

test('a far side ignores what its make does not know', async () => {
  const { device } = await onTable('lcus-hid')
  device.receive(fromHex('00a00101a300000000')!)
  expect(device.state(1).energised).toBe(false)
  const other = await onTable('ucreatefun')
  for (const word of ['00', '10', 'e1', 'f0', '']) other.device.receive(fromHex(`00${word}`)!)
  expect([1, 0].map(channel => other.device.state(channel).pulses)).toEqual([0, 0])
})
