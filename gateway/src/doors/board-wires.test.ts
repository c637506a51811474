import { join } from 'node:path'
import type { BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { systemClock } from '../devices/system-clock.ts'
import { SimulatorConfig } from '../simulators/config.ts'
import { gateHardware } from '../simulators/gate-hardware.ts'
import { tcpWire } from '../simulators/tcp-wire.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { fitDoors } from './fit-doors.ts'

const PULSE_MS = 200
const never = { kind: 'tcp', host: '127.0.0.1', port: 9 } as const

/** A gate's doors on a simulated board, over a real line: as configured at both ends. */
async function doorOn(settings: { family: BoardFamily } & Record<string, unknown>, port: object = { kind: 'tcp' }) {
  const lane = { lane: 'main', name: 'Main' }
  const output = { board: 'board', channel: 1 }
  const hardware = await gateHardware(
    SimulatorConfig.parse({
      gate: 'north',
      control: { token: 'a-token-for-this-test' },
      boards: [{ ...settings, id: 'board', port }],
      lanes: [
        { ...lane, readers: [{ id: 'qr', kind: 'qr', family: 'line', port: { kind: 'tcp' } }], door: { output } },
      ],
    }),
    systemClock,
  )
  const config = HardwareConfig.parse({
    boards: [{ ...settings, id: 'board', port: hardware.boards[0]!.port }],
    lanes: [
      {
        ...lane,
        direction: 'in',
        groups: [0],
        readers: [{ id: 'qr', family: 'line', port: never }],
        door: { output, pulseMs: PULSE_MS },
      },
    ],
  })
  const up = Promise.withResolvers<void>()
  const stop = new AbortController()
  const { doors, run: keep } = fitDoors(config, {
    clock: systemClock,
    random: Math.random,
    report: (_lane, health) => (health.up ? up.resolve() : up.reject(new Error(health.problem))),
    happened() {},
    evacuating() {},
  })
  const run = keep(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await run
    await hardware.close()
  })
  await up.promise
  const state = () => hardware.state()[0]!
  return { door: doors[0]!, state }
}

const FAMILIES = [
  { family: 'lcus' },
  { family: 'kmtronic', relays: 4 },
  { family: 'numato' },
  { family: 'sainsmart16' },
  { family: 'modbus-flash' },
  { family: 'modbus-flash', framing: 'tcp' },
  { family: 'modbus-coil' },
  { family: 'lc' },
  { family: 'digicon' },
  { family: 'mach-power' },
  { family: 'gate-7e' },
] as const

async function opensOnce({ door, state }: Awaited<ReturnType<typeof doorOn>>, endsByItself: boolean): Promise<void> {
  expect(state()).toMatchObject({ energised: false, pulses: 0 })
  const released = await door.release(systemClock.monotonicMs(), { sequence: 1, passId: null })
  expect(released).toEqual({ ok: true, value: null })
  // A board that is believed has not always heard it yet.
  await expect.poll(() => state().pulses).toBe(1)
  if (endsByItself) return
  await expect.poll(() => state().energised).toBe(false)
  expect(state().pulses).toBe(1)
}

describe('a door opens once, over a line to the far side of its board:', () => {
  test.each(FAMILIES)('%j', async settings => {
    const isTurnstile = ['digicon', 'mach-power', 'gate-7e'].includes(settings.family)
    await opensOnce(await doorOn(settings), isTurnstile)
  })
})

needs('script')('on a terminal', () => {
  test('modbus-flash opens once at 9600 baud, with silence before each frame', async () => {
    const link = join(await tempFolder(), 'tty')
    await opensOnce(await doorOn({ family: 'modbus-flash' }, { kind: 'pty', link }), false)
  })
})

test('a door is up only when the boards of its contacts are, too', async () => {
  const [far, nowhere] = await Promise.all([tcpWire({ port: 0, onBytes() {} }), tcpWire({ port: 0, onBytes() {} })])
  await nowhere.close()
  onTestFinished(() => far.close())
  const hardware = HardwareConfig.parse({
    boards: [
      { family: 'modbus-flash', id: 'inputs', port: nowhere.port },
      { family: 'lcus', id: 'relay', port: far.port },
    ],
    lanes: [
      {
        lane: 'main',
        name: 'Main',
        direction: 'in',
        groups: [0],
        readers: [{ id: 'qr', family: 'line', port: never }],
        door: {
          output: { board: 'relay', channel: 1 },
          contacts: { passage: { board: 'inputs', channel: 1 } },
        },
      },
    ],
  })
  const told: (string | null)[] = []
  const both = Promise.withResolvers<void>()
  const stop = new AbortController()
  const { run } = fitDoors(hardware, {
    clock: systemClock,
    random: Math.random,
    report(_lane, health) {
      told.push(health.up ? null : health.problem)
      if (told.length >= 4) both.resolve()
    },
    happened() {},
    evacuating() {},
  })
  const running = run(stop.signal)
  await both.promise
  stop.abort()
  await running
  expect(told).not.toContain(null)
  expect(told.some(problem => problem?.includes('no serial server'))).toBe(true)
})
