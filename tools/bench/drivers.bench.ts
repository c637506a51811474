import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '@gatehouse/shared/bytes.ts'
import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { readWithoutLine } from '@gatehouse/shared/wire/hardware/without-line.ts'
import type { Clock } from '../../gateway/src/ports.ts'
import type { Held } from '../../gateway/src/simulators/device.ts'
import { readerDevice } from '../../gateway/src/simulators/readers.ts'
import { show, spread } from './figures.ts'
import { compiler, em4100Cards, measured, type ProbeWords, startFloor, startGate, words } from './scan-stand.ts'

const ROWS = 1_000
const RUNS = 100

/** What a board is told for channel 1, for 100 ms, and what it answers. Boards that answer by a state of their own are not here. */
const DOORS: readonly { readonly door: Record<string, unknown>; readonly on: string; readonly answer: string }[] = [
  { door: { family: 'lcus' }, on: 'a00101a2', answer: 'none' },
  { door: { family: 'modbus-flash' }, on: '010502000001', answer: 'modbus' },
  { door: { family: 'modbus-coil' }, on: '01050000ff00', answer: 'modbus' },
  { door: { family: 'lc' }, on: 'ff10000300020400040001', answer: 'modbus' },
  { door: { family: 'digicon' }, on: '0202004848', answer: '0202000606' },
  { door: { family: 'mach-power' }, on: 'eb014000aa', answer: 'none' },
]

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
/** Twenty-four bits, left-justified in the bytes of a frame of twenty-six. */
const inTwentySix = (value: number) => hex(value * 256 + 64, 8)

/** What a reader sends for one of its cards, and the row of it. Readers that are asked answer when they are, so their time is the poll's. */
const READERS: readonly {
  readonly reader: Record<string, unknown>
  readonly technology: string
  readonly held: (at: number) => { readonly card: string; readonly held: Held }
}[] = [
  {
    reader: { family: 'rdm6300' },
    technology: 'em4100',
    held: at => ({ card: `01${hex(at, 8)}`, held: { card: `01${hex(at, 8)}` } }),
  },
  {
    reader: { family: 'wie232' },
    technology: 'h10301',
    held: at => ({ card: hex(at, 6), held: { card: `${hex(at, 6)}/24` } }),
  },
  {
    reader: { family: 's4a' },
    technology: 'h10301',
    held: at => ({ card: hex(at, 6), held: { card: `${hex(at, 6)}/24` } }),
  },
  {
    reader: { family: 'twn3', format: 'raw' },
    technology: 'raw',
    held: at => ({ card: `${inTwentySix(at)}/26`, held: { card: `${inTwentySix(at)}/26` } }),
  },
  {
    reader: { family: 'keypad' },
    technology: 'pin',
    held: at => {
      const pin = String(100_000 + at)
      return { card: Buffer.from(pin, 'ascii').toString('hex'), held: { pin } }
    },
  },
]

/** Each driver between the same two lines: a reader of each family before an LCUS relay, a board of each family behind an RDM6300. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const compile = compiler(folder)
    if (compile === null) return console.log('  not measured: the floor needs a C compiler (Debian: gcc libc6-dev)')
    const probe = compile('probe')
    const floor = await measured(probe, (reader, relay) => startFloor(compile('floor'), reader, relay, folder, ROWS), {
      runs: RUNS,
    })
    const rows = [{ name: 'floor: a C program, RDM6300 to LCUS', figures: words(floor), ratio: 1 }]
    const add = async (name: string, lane: Parameters<typeof startGate>[0], probeWords: ProbeWords) => {
      const ours = await measured(probe, (reader, relay) => startGate(lane, { reader, relay }, folder), {
        runs: RUNS,
        words: probeWords,
      })
      rows.push({ name, figures: words(ours), ratio: spread(ours).p50 / spread(floor).p50 })
    }
    const frames = join(folder, 'frames')
    for (const { door, on, answer } of DOORS) {
      writeFileSync(frames, framesOf({ family: 'rdm6300' }, READERS[0]!.held))
      const lane = { reader: { family: 'rdm6300' }, door, cards: em4100Cards(ROWS) }
      await add(`rdm6300 to ${door.family}`, lane, { frames, on, answer })
    }
    for (const { reader, technology, held } of READERS.slice(1)) {
      writeFileSync(frames, framesOf(reader, held))
      const cards = Array.from({ length: ROWS }, (_, at) => `${held(at + 1).card},${technology}`)
      const lane = { reader, door: { family: 'lcus' }, cards: `card,technology\n${cards.join('\n')}\n` }
      await add(`${reader.family} to lcus`, lane, { frames, on: 'a00101a2', answer: 'none' })
    }
    show(rows)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bytes that the simulated reader sends for each card, a line each. */
function framesOf(reader: Record<string, unknown>, held: (at: number) => { readonly held: Held }): string {
  const read = readWithoutLine(ReaderConfig, { id: 'reader', ...reader })
  if (!read.success) throw read.error
  const clock: Clock = { wallMs: () => 0, monotonicMs: () => 0, after: () => new Promise(() => {}) }
  const lines = Array.from({ length: ROWS }, (_, at) => {
    let line = ''
    const device = readerDevice(read.data, {
      send: bytes => {
        line += toHex(bytes)
      },
      clock,
    })
    device.present(held(at + 1).held)
    return line
  })
  return `${lines.join('\n')}\n`
}
