import type { BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { linePortOpener } from '../devices/open-port.ts'
import { systemClock } from '../devices/system-clock.ts'
import { boardDriver } from '../doors/families.ts'
import { keptBoard } from '../doors/kept-board.ts'
import { familyOf } from '../readers/families.ts'
import { wordsOf } from '../testing/decode.ts'
import { readerOf } from '../testing/reader-of.ts'
import { SimulatorConfig } from './config.ts'
import type { Held } from './device.ts'
import { gateHardware } from './gate-hardware.ts'

type Settings = { readonly family: string } & Record<string, unknown>
type Row = {
  readonly settings: Settings
  readonly kind: 'card' | 'qr'
  readonly held: Held
  readonly words: string
}

const digits = '0123456789'.repeat(47).slice(0, 469)
const card = { base: 'hex', bitCount: 32, format: 'iso14443a' } as const

const ROWS: readonly Row[] = [
  { settings: { family: 'wedge' }, kind: 'qr', held: { qr: digits }, words: digits },
  {
    settings: { family: 'wedge', layout: 'de', prefix: '~', aimId: true },
    kind: 'qr',
    held: { qr: 'GH1.zy-Z' },
    words: 'GH1.zy-Z',
  },
  {
    settings: { family: 'wedge', layout: 'fr', reads: 'card', card },
    kind: 'card',
    held: { card: 'DEADBEEF' },
    words: 'iso14443a deadbeef',
  },
  { settings: { family: 'hid-pos' }, kind: 'qr', held: { qr: digits }, words: digits },
  {
    settings: { family: 'hid-pos', reads: 'card', card },
    kind: 'card',
    held: { card: 'DEADBEEF' },
    words: 'iso14443a deadbeef',
  },
  {
    settings: { family: 'pcprox', format: 'h10301' },
    kind: 'card',
    held: { card: 'BD88EB80/26' },
    words: 'h10301 7b11d7',
  },
  { settings: { family: 'pcprox', format: 'raw' }, kind: 'card', held: { card: 'DEADBEEF' }, words: 'raw deadbeef' },
]

async function hardwareOf(settings: Settings, kind: 'card' | 'qr' = 'qr', board: Settings = { family: 'lcus' }) {
  const port = { kind: 'hid-tcp' }
  const hardware = await gateHardware(
    SimulatorConfig.parse({
      gate: 'north',
      control: { token: 'a-token-for-this-test' },
      boards: [{ id: 'board', port: board.family === 'lcus' ? { kind: 'tcp' } : port, ...board }],
      lanes: [
        {
          lane: 'in',
          name: 'in',
          readers: [{ ...settings, id: 'reader', kind, port }],
          door: { output: { board: 'board', channel: 1 } },
        },
      ],
    }),
    systemClock,
  )
  onTestFinished(() => hardware.close())
  return hardware
}

describe('a driver and the simulated HID device of its family, over TCP', () => {
  test.each(ROWS)('$settings', async ({ settings, kind, held, words }) => {
    const hardware = await hardwareOf(settings, kind)
    const { port } = hardware.lanes[0]!.readers[0]!
    const { line } = familyOf(ReaderConfig.parse({ ...settings, id: 'reader', port }))
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const reader = readerOf(settings, { open: linePortOpener(port, line), clock: systemClock })
    let read: string | null = null
    void reader
      .scans(stop.signal)
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => {
        read = wordsOf(value!.credential)
      })
    // What is presented before the line is open is lost, as in life.
    await expect
      .poll(
        () => {
          if (read === null) hardware.present(held)
          return read
        },
        { interval: 200, timeout: 15_000 },
      )
      .not.toBeNull()
    expect(read).toBe(words)
  })

  test.each(['dcttech', 'ucreatefun', 'lcus-hid'] as const)('a board of %s pulses', async model => {
    const hardware = await hardwareOf({ family: 'wedge' }, 'qr', { family: 'hid-relay', model })
    const { port } = hardware.boards[0] as { port: Exclude<PortConfig | ReportPortConfig, PortConfig> }
    const config: BoardConfig = { family: 'hid-relay', id: 'board', model, port }
    const up = Promise.withResolvers<void>()
    const stop = new AbortController()
    const board = keptBoard({
      name: 'board',
      driver: boardDriver(config, { outputs: [], inputs: [], clock: systemClock, random: Math.random }),
      outputs: [{ channel: 1, energised: 'unlock', pulseMs: 100, pulseMsMax: 1_000 }],
      report: health => health.up && up.resolve(),
      tell() {},
      clock: systemClock,
      random: Math.random,
    })
    const running = board.run(stop.signal)
    await up.promise
    expect(await board.release(1, systemClock.monotonicMs())).toEqual({ ok: true, value: null })
    await expect.poll(() => hardware.state()[0]).toMatchObject({ energised: false, pulses: 1 })
    stop.abort()
    await running
  })

  test('a HID device does not stand at the end of a line of bytes, nor another at the end of reports', async () => {
    const lanes = (port: string, family: string) => ({
      gate: 'north',
      control: { token: 'a-token-for-this-test' },
      boards: [{ id: 'board', family: 'lcus', port: { kind: 'tcp' } }],
      lanes: [
        {
          lane: 'in',
          name: 'in',
          readers: [{ id: 'reader', kind: 'qr', family, port: { kind: port } }],
          door: { output: { board: 'board', channel: 1 } },
        },
      ],
    })
    expect(SimulatorConfig.safeParse(lanes('tcp', 'wedge')).success).toBe(false)
    expect(SimulatorConfig.safeParse(lanes('hid-tcp', 'line')).success).toBe(false)
    expect(SimulatorConfig.safeParse(lanes('hid-tcp', 'wedge')).success).toBe(true)
  })
})
