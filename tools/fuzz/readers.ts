import { ReaderConfig, type ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import type { Clock, Credential } from '../../gateway/src/ports.ts'
import type { Decoder } from '../../gateway/src/readers/decoder.ts'
import { familyOf } from '../../gateway/src/readers/families.ts'
import { ACK, FROM_PN532, pn532Frame } from '../../gateway/src/readers/pn532-frame.ts'
import type { Held } from '../../gateway/src/simulators/device.ts'
import { readerDevice } from '../../gateway/src/simulators/readers.ts'
import type { Accepted, Parser } from './parser.ts'

/** What is known of a family besides its own words: what to hold to it, and what a line may change without changing the meaning. */
type Known = {
  readonly settings?: Record<string, unknown>
  readonly held: readonly Held[]
  /** What to hold for a credential, to hear what its reader would have sent; or those bytes. Null: they cannot be said. */
  readonly again: (credential: Credential) => Held | Buffer | null
  /** What the device says besides, without which its decoder listens to nothing. */
  readonly besides?: readonly Uint8Array[]
  /** Bytes that mean the same, made the same. */
  readonly plain?: (bytes: Buffer) => Buffer
  readonly reports?: true
}

const cardAgain = (credential: Credential): Held | null =>
  credential.kind === 'card' ? { card: credential.card.bits } : null
/** A line has no check: what was accepted must have come, byte for byte, up to its end. */
const lineAgain = (credential: Credential): Buffer | null =>
  credential.kind === 'code' ? Buffer.from(`${credential.text}\n`, 'latin1') : null

const typedAgain =
  (typed: (bits: string) => string) =>
  (credential: Credential): Buffer | null =>
    credential.kind === 'card' ? Buffer.from(`${typed(credential.card.bits)}\n`.toUpperCase()) : null

const ANSWER_OF_GM65 = Buffer.from('02000001003331', 'hex')
/** Answers to the two preparations of a PN532, each behind its ACK. */
const PREPARED_PN532 = [0x15, 0x33].map(code => Buffer.concat([ACK, pn532Frame(FROM_PN532, Uint8Array.of(code))]))

const KNOWN: Partial<Record<ReaderFamily, Known>> = {
  line: { held: [{ qr: '157587134014' }, { qr: 'A' }], again: lineAgain, plain: text => upTo(text, /[\r\n]+/g, '\n') },
  rdm6300: {
    held: [{ card: '01000734E0' }, { card: '62E3086CED' }],
    again: cardAgain,
    plain: text => upTo(text, /[\r\n]+/g, ''),
  },
  twn4: {
    settings: { crc: true },
    held: [{ card: '01000734E0' }, { card: '66CF4DC2' }],
    again: cardAgain,
    plain: text => upTo(text, /[\r\n]+/g, '\n'),
  },
  pn532: {
    // A sum cannot see two bytes that changed places: what is left to prove is that the UID came, behind its length.
    held: [{ card: 'DEADBEEF' }, { card: '04A1B2C3D4E5F6' }],
    besides: PREPARED_PN532,
    again: credential =>
      credential.kind === 'card'
        ? Buffer.from((credential.card.bitCount / 8).toString(16).padStart(2, '0') + credential.card.bits, 'hex')
        : null,
  },
  gm65: {
    held: [{ qr: '157587134014' }, { qr: 'A' }],
    besides: [ANSWER_OF_GM65],
    again: lineAgain,
    plain: bytes => upTo(withoutAnswers(bytes), /[\r\n]+/g, '\n'),
  },
  'zebra-ssi': {
    // Likewise, and a code may be in several packets: what is left to prove is that one came.
    held: [{ qr: '157587134014' }, { qr: 'A' }],
    again: () => Buffer.of(0xf3, 0x00),
  },
  wie232: { held: [{ card: '7B11D7' }], again: typedAgain(bits => bits), plain: text => upTo(text, /[\r\n]+/g, '\n') },
  twn3: {
    settings: { format: 'raw' },
    held: [{ card: '808001C0/26' }, { card: 'BD88EB80/26' }],
    // Which spare bits came is no part of a card.
    again: credential =>
      credential.kind === 'card'
        ? Buffer.from(credential.card.bits.slice(0, Math.floor(credential.card.bitCount / 4)).toUpperCase())
        : null,
    plain: text => upTo(text, /[\r\n]+/g, '\n'),
  },
  s4a: {
    held: [{ card: '7B11D7' }],
    again: typedAgain(bits => String(Number.parseInt(bits, 16)).padStart(10, '0')),
    plain: text => upTo(text, /[\r\n]+/g, '\n'),
  },
}

/** Answers of zeros alone, and those that differ in a zero, have the same CRC and are taken out as well. */
const ANSWERS_OF_GM65 = ['02000001003331', '020001003331', '020000000000'].map(hex =>
  Buffer.from(hex, 'hex').toString('latin1'),
)

function withoutAnswers(bytes: Buffer): Buffer {
  return Buffer.from(
    ANSWERS_OF_GM65.reduce((text, answer) => text.replaceAll(answer, ''), bytes.toString('latin1')),
    'latin1',
  )
}

function upTo(bytes: Buffer, search: RegExp, by: string): Buffer {
  return Buffer.from(bytes.toString('latin1').toUpperCase().replace(search, by), 'latin1')
}

/** Every family of readers as a parser to be fuzzed. What it accepts is proved by the bytes its simulator would have sent. */
export function readerParsers(): Parser[] {
  return (Object.keys(KNOWN) as ReaderFamily[]).map(family => {
    const known = KNOWN[family]!
    const config = configOf(family, known)
    const { decoder } = familyOf(config)
    const plain = known.plain ?? (bytes => bytes)
    const sent = (held: Held) => sentFor(config, decoder(), held)
    const proofOf = (again: Held | Buffer) => (Buffer.isBuffer(again) ? again : Buffer.from(sent(again).at(-1) ?? []))
    const accepted = (credential: Credential): Accepted => ({
      words: JSON.stringify(credential),
      isProved(stream) {
        const again = known.again(credential)
        if (again === null) return false
        const proof = plain(proofOf(again))
        return proof.length > 0 && plain(stream).includes(proof)
      },
    })
    return {
      name: `reader ${family}`,
      frames: [...known.held.flatMap(held => sent(held)), ...(known.besides ?? [])],
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
  const read = [
    { kind: 'tcp', host: 'x', port: 1 },
    { kind: 'hid-tcp', host: 'x', port: 1 },
  ].map(port => ReaderConfig.safeParse({ family, id: family, port, ...settings }))
  return read.find(one => one.success)!.data!
}

/** What the far side says for a credential, asked as often as the decoder asks. */
function sentFor(config: ReaderConfig, decoder: Decoder, held: Held): Uint8Array[] {
  const sent: Uint8Array[] = []
  const clock: Clock = { wallMs: () => 0, monotonicMs: () => 0, after: () => new Promise(() => {}) }
  const device = readerDevice(config, { send: bytes => sent.push(Uint8Array.from(bytes)), clock })
  const hear = (all: ReturnType<Decoder['begin']>) => {
    for (const one of all) if (one.kind === 'answer') device.receive(one.bytes)
  }
  hear(decoder.begin(0))
  while (sent.length > 0) hear(decoder.take(sent.shift()!, 0))
  device.present(held)
  for (let turn = 0; turn < 4; turn++) {
    const due = decoder.dueMs()
    if (sent.length > 0 || due === null) break
    hear(decoder.due(due))
  }
  return sent
}
