import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { linePortOpener } from '../devices/open-port.ts'
import { systemClock } from '../devices/system-clock.ts'
import { wordsOf } from '../testing/decode.ts'
import { readerOf } from '../testing/reader-of.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { SimulatorConfig } from './config.ts'
import type { Held } from './device.ts'
import { gateHardware } from './gate-hardware.ts'

type Row = {
  readonly settings: { readonly family: string } & Record<string, unknown>
  readonly kind: 'card' | 'qr' | 'pin'
  readonly held: Held
  readonly words: string
}

const ROWS: readonly Row[] = [
  { settings: { family: 'line' }, kind: 'qr', held: { qr: '1575' }, words: '1575' },
  { settings: { family: 'line', end: 'etx', prefix: 'Q' }, kind: 'qr', held: { qr: '1575' }, words: '1575' },
  { settings: { family: 'line', end: 'gap' }, kind: 'qr', held: { qr: '1575' }, words: '1575' },
  {
    settings: { family: 'line', reads: 'plate' },
    kind: 'qr',
    held: { qr: 'ab 123' },
    words: 'plate 4142313233',
  },
  {
    settings: { family: 'rdm6300' },
    kind: 'card',
    held: { card: '01000734E0' },
    words: 'em4100 01000734e0',
  },
  { settings: { family: 'twn4' }, kind: 'card', held: { card: '66CF4DC2' }, words: 'iso14443a 66cf4dc2' },
  {
    settings: { family: 'twn4', mode: 'binary', crc: true },
    kind: 'card',
    held: { card: 'E004010012345678' },
    words: 'iso15693 e004010012345678',
  },
  { settings: { family: 'pn532' }, kind: 'card', held: { card: 'DEADBEEF' }, words: 'iso14443a deadbeef' },
  { settings: { family: 'gm65' }, kind: 'qr', held: { qr: '1575' }, words: '1575' },
  { settings: { family: 'zebra-ssi' }, kind: 'qr', held: { qr: '15'.repeat(200) }, words: '15'.repeat(200) },
  { settings: { family: 'wie232' }, kind: 'card', held: { card: 'BD88EB80/26' }, words: 'h10301 7b11d7' },
  {
    settings: { family: 'twn3', format: 'h10301' },
    kind: 'card',
    held: { card: '808001C0/26' },
    words: 'h10301 010003',
  },
  {
    settings: {
      family: 'line',
      reads: 'card',
      card: { base: 'hex', bitCount: 32, reversed: true, format: 'iso14443a' },
    },
    kind: 'card',
    held: { card: 'EFBEADDE' },
    words: 'iso14443a deadbeef',
  },
  { settings: { family: 's4a', bits: 32 }, kind: 'card', held: { card: '04D2DDD5' }, words: 'h10306 04d2ddd5' },
  { settings: { family: 'keypad' }, kind: 'pin', held: { pin: '2468' }, words: 'pin 32343638' },
]

/** Presents at a simulated reader until its driver has read something: what is sent before the line is open is lost, as in life. */
async function readOver(port: Record<string, unknown>, { settings, kind, held }: Row): Promise<string> {
  const hardware = await gateHardware(
    SimulatorConfig.parse({
      gate: 'north',
      control: { token: 'a-token-for-this-test' },
      boards: [{ id: 'board', family: 'lcus', port: { kind: 'tcp' } }],
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
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await hardware.close()
  })
  const open = linePortOpener(hardware.lanes[0]!.readers[0]!.port)
  const scans = readerOf(settings, { open, clock: systemClock }).scans(stop.signal)[Symbol.asyncIterator]()
  let words: string | null = null
  const read = scans.next().then(({ value }) => {
    words = wordsOf(value!.credential)
  })
  await expect
    .poll(
      () => {
        if (words === null) hardware.present(held)
        return words
      },
      { interval: 200, timeout: 15_000 },
    )
    .not.toBeNull()
  await read
  return words!
}

describe('a driver and the simulated device of its family', () => {
  test.each(ROWS)('over TCP: $settings', async row => {
    expect(await readOver({ kind: 'tcp' }, row)).toBe(row.words)
  })

  test.each(ROWS.filter(({ settings }) => settings.family === 'pn532' || settings.family === 'zebra-ssi'))(
    'over a terminal, which passes every byte both ways: $settings',
    async row => {
      const link = join(await tempFolder(), 'reader')
      expect(await readOver({ kind: 'pty', link }, row)).toBe(row.words)
    },
  )
})
