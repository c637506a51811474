import { ReaderConfig, type ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { readWithoutLine } from '@gatehouse/shared/wire/hardware/without-line.ts'
import type { Clock, Credential } from '../../gateway/src/ports.ts'
import type { Decoder } from '../../gateway/src/readers/decoder.ts'
import { familyOf } from '../../gateway/src/readers/families.ts'
import { ACK, FROM_PN532, pn532Frame } from '../../gateway/src/readers/pn532-frame.ts'
import type { Held } from '../../gateway/src/simulators/device.ts'
import { readerDevice } from '../../gateway/src/simulators/readers.ts'
import type { Accepted, Parser } from './parser.ts'

/** What is known of a family besides its own words: what to hold to it, and how to tell that bytes say a credential. */
type Known = {
  readonly settings?: Record<string, unknown>
  readonly held: readonly Held[]
  /** Whether these bytes hold a whole frame of this credential; by the bytes that its simulator sends for it, where nothing else is said. */
  readonly says?: (stream: Buffer, credential: Credential) => boolean
  /** Bytes that mean the same, made the same. */
  readonly plain?: (bytes: Buffer) => Buffer
  readonly reports?: true
  /** What the device says besides, without which its decoder listens to nothing. */
  readonly besides?: readonly Uint8Array[]
}

const UID = 'DEADBEEF'
const CODE = '157587134014'
const asLine = (bytes: Buffer) => upTo(bytes, /[\r\n]+/g, '\n')
/** Answers of zeros alone, and those that differ in a zero, have the same CRC, which begins at zero. */
const ANSWERS_OF_GM65 = ['02000001003331', '020001003331', '020000000000'].map(hex =>
  Buffer.from(hex, 'hex').toString('latin1'),
)

/** Answers to the two preparations of a PN532, each behind its ACK. */
const PREPARED_PN532 = [0x15, 0x33].map(code => Buffer.concat([ACK, pn532Frame(FROM_PN532, Uint8Array.of(code))]))

const KNOWN: Partial<Record<ReaderFamily, Known>> = {
  line: { held: [{ qr: CODE }, { qr: 'A' }], says: (stream, code) => asLine(stream).includes(lineOf(code)) },
  gm65: {
    held: [{ qr: CODE }, { qr: 'A' }],
    besides: [Buffer.from('02000001003331', 'hex')],
    says: (stream, code) => asLine(withoutAnswers(stream)).includes(lineOf(code)),
  },
  'zebra-ssi': { held: [{ qr: CODE }, { qr: 'A' }], says: saidBySsi },
  rdm6300: { held: [{ card: '01000734E0' }, { card: '62E3086CED' }], plain: text => upTo(text, /[\r\n]+/g, '') },
  twn4: { settings: { crc: true }, held: [{ card: UID }, { card: '04A2B3C4D5E680' }], plain: asLine },
  pn532: { held: [{ card: UID }, { card: '04A2B3C4D5E680' }], says: saidByPn532, besides: PREPARED_PN532 },
  wie232: { held: [{ card: 'BD88EB80/26' }, { card: '80800080/26' }], plain: asLine },
  s4a: { held: [{ card: 'BD88EB80/26' }, { card: '80800080/26' }], plain: asLine },
  twn3: { settings: { format: 'raw' }, held: [{ card: '808001C0/26' }, { card: 'BD88EB80/26' }], plain: asLine },
  // Reports have no check of their own: USB has.
  wedge: { held: [{ qr: CODE }, { qr: 'A' }], says: () => true, reports: true },
  'hid-pos': { held: [{ qr: CODE.repeat(6) }, { qr: 'A' }], says: () => true, reports: true },
  // A keypad has neither frame nor check: any digits are somebody's.
  keypad: { held: [{ pin: '428173' }, { pin: '0042' }], says: () => true },
}

function withoutAnswers(bytes: Buffer): Buffer {
  const text = ANSWERS_OF_GM65.reduce((text, answer) => text.replaceAll(answer, ''), bytes.toString('latin1'))
  return Buffer.from(text, 'latin1')
}

/** A line has no check: what was accepted must have come, byte for byte, up to its end. */
function lineOf(credential: Credential): Buffer {
  return asLine(Buffer.from(credential.kind === 'code' ? `${credential.text}\n` : '', 'latin1'))
}

/** A code that came in one packet, or in several. */
function saidBySsi(stream: Buffer, credential: Credential): boolean {
  if (credential.kind !== 'code') return false
  const text = Buffer.from(credential.text, 'latin1')
  const ends = Array.from(text, (_, at) => at + 1)
  /** How far the packets that were found reach, from the beginning of the text. */
  const reached = new Set([0])
  for (const end of ends)
    if ([...reached].some(from => hasSsiPacket(stream, text.subarray(from, end)))) reached.add(end)
  return reached.has(text.length)
}

/** Length, opcode F3, source, status, type, text; and the sum of it all and two bytes more is nothing. */
function hasSsiPacket(stream: Buffer, text: Buffer): boolean {
  for (let at = stream.indexOf(text, 5); at >= 0; at = stream.indexOf(text, at + 1)) {
    const frame = stream.subarray(at - 5, at + text.length + 2)
    const body = frame.subarray(0, -2)
    const sum = body.reduce((sum, byte) => sum + byte, frame.length > 2 ? frame.readUInt16BE(frame.length - 2) : 1)
    if (frame[0] === body.length && frame[1] === 0xf3 && (sum & 0xffff) === 0) return true
  }
  return false
}

/** `00 FF`, length and its complement, D5 4B, one target; and the sum of the data and one byte more is nothing. */
function saidByPn532(stream: Buffer, credential: Credential): boolean {
  if (credential.kind !== 'card') return false
  const uid = Buffer.from(credential.card.bits, 'hex')
  const start = Buffer.from('00ff', 'hex')
  for (let at = stream.indexOf(start); at >= 0; at = stream.indexOf(start, at + 1)) {
    const length = stream[at + 2] ?? 0
    const data = stream.subarray(at + 4, at + 4 + length)
    const sum = stream.subarray(at + 4, at + 5 + length).reduce((sum, byte) => sum + byte, 0)
    const isWhole = data.length === length && ((length + (stream[at + 3] ?? 1)) & 0xff) === 0 && (sum & 0xff) === 0
    if (isWhole && data[0] === 0xd5 && data[1] === 0x4b && data.includes(uid)) return true
  }
  return false
}

function heldOf(credential: Credential): Held | null {
  if (credential.kind === 'code') return { qr: credential.text }
  if (credential.kind !== 'card') return null
  const { bits, bitCount } = credential.card
  return { card: bitCount === bits.length * 4 ? bits : `${bits}/${bitCount}` }
}

function upTo(bytes: Buffer, search: RegExp, by: string): Buffer {
  const upper = bytes.toString('latin1').replace(/[a-z]/g, letter => letter.toUpperCase())
  return Buffer.from(upper.replace(search, by), 'latin1')
}

/** Every family of readers as a parser to be fuzzed. What it accepts is proved by the bytes its simulator would have sent. */
export function readerParsers(): Parser[] {
  return (Object.keys(KNOWN) as ReaderFamily[]).map(family => {
    const known = KNOWN[family]!
    const config = configOf(family, known)
    const { decoder } = familyOf(config)
    const plain = known.plain ?? (bytes => bytes)
    const sent = (held: Held) => sentFor(config, decoder(), held)
    const says = (stream: Buffer, credential: Credential): boolean => {
      if (known.says !== undefined) return known.says(stream, credential)
      const held = heldOf(credential)
      const proof = held === null ? undefined : sent(held).at(-1)
      return proof !== undefined && plain(stream).includes(plain(Buffer.from(proof)))
    }
    const accepted = (credential: Credential): Accepted => ({
      words: JSON.stringify(credential),
      isProved: stream => says(stream, credential),
    })
    return {
      name: `reader ${family}`,
      frames: [
        ...known.held.flatMap(held => (known.reports ? sent(held) : [Buffer.concat(sent(held))])),
        ...(known.besides ?? []),
      ],
      isWhole: known.reports === true,
      make() {
        const machine = decoder()
        let atMs = 0
        machine.begin(0)
        return chunk => {
          atMs += 20
          const due = machine.dueMs()
          const found = [...(due !== null && due <= atMs ? machine.due(atMs) : []), ...machine.take(chunk, atMs)]
          return found.flatMap(one => (one.kind === 'scan' ? [accepted(one.credential)] : []))
        }
      },
    }
  })
}

function configOf(family: ReaderFamily, { settings = {} }: Known): ReaderConfig {
  const read = readWithoutLine(ReaderConfig, { family, id: family, ...settings })
  if (!read.success) throw read.error
  return read.data
}

/** What the far side says for a credential, asked as often as the decoder asks. */
function sentFor(config: ReaderConfig, decoder: Decoder, held: Held): Uint8Array[] {
  const sent: Uint8Array[] = []
  const clock: Clock = { wallMs: () => 0, monotonicMs: () => 0, after: () => new Promise(() => {}) }
  const device = readerDevice(config, { send: bytes => sent.push(Uint8Array.from(bytes)), clock })
  const hear = (all: ReturnType<Decoder['begin']>) => {
    for (const one of all) if (one.kind === 'answer') device.receive(one.bytes)
  }
  // A HID scanner is enabled when it is opened, by a feature report.
  device.features?.set(Uint8Array.of(0xfe, 1))
  hear(decoder.begin(0))
  while (sent.length > 0) for (const bytes of sent.splice(0)) hear(decoder.take(bytes, 0))
  device.present(held)
  for (let turn = 0; turn < 4; turn++) {
    const due = decoder.dueMs()
    if (sent.length > 0 || due === null) break
    hear(decoder.due(due))
  }
  return sent
}
