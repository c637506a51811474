import { CRC16_XMODEM, crc16 } from '@gatehouse/shared/crc.ts'
import { framedBytes, type Seen } from '../core/framed-bytes.ts'
import type { Decoded, Decoder } from './decoder.ts'
import { gatheredText } from './gathered-text.ts'

const CODE_BYTES_MAX = 512

/** An answer to a command is `02 00`, type, count, data, CRC. */
const STX = 0x02
const CR = 0x0d
const LF = 0x0a
const HEAD_BYTES = 4
const CRC_BYTES = 2
const ANSWER_BYTES_MAX = HEAD_BYTES + 255 + CRC_BYTES

/** An answer comes in one breath; after this much silence within one it was none. */
const ANSWER_MS_MAX = 100

type Piece = { readonly kind: 'text'; readonly bytes: Uint8Array } | { readonly kind: 'answer' }

/**
 * A GM65, GM66 or other embedded QR engine, 9600 8N1: lines of text, and answers to commands among them, also in the
 * middle of a code (NAFVJGS TS-30 programming manual, pages 19 to 23). An answer is known by its CRC-16/XMODEM and
 * taken out; a line in which one was spoilt has control characters, and is no code. Its own beep is all it can say.
 *
 * Nothing is sent to it. It is set up once with the codes of its manual: a setting that is sent lasts only when it is
 * saved, and each saving wears its flash, at every start of a gate.
 */
export function gm65Decoder(): Decoder {
  const pieces = framedBytes<Piece>(ANSWER_BYTES_MAX, seenPiece)
  const text = gatheredText(CODE_BYTES_MAX)
  let heldMs: number | null = null

  const endOfLine = (): Decoded[] => {
    if (text.isEmpty) return []
    const code = text.end()
    if (code === null) return [{ kind: 'dropped', why: 'too_long' }]
    if (CONTROL.test(code)) return [{ kind: 'dropped', why: 'control' }]
    return [{ kind: 'scan', credential: { kind: 'code', text: code } }]
  }
  const read = (found: ReturnType<typeof pieces.take>): Decoded[] =>
    found.flatMap((piece): Decoded[] => {
      if (piece.kind === 'failed') return [{ kind: 'dropped', why: piece.why }]
      if (piece.kind === 'answer') return []
      const ended: Decoded[] = []
      for (const byte of piece.bytes) {
        if (byte === CR || byte === LF) ended.push(...endOfLine())
        else text.add(byte)
      }
      return ended
    })

  const due = (atMs: number): Decoded[] => {
    if (heldMs === null || atMs < heldMs + ANSWER_MS_MAX) return []
    heldMs = null
    return read(pieces.giveUp())
  }
  return {
    begin: () => [],
    take(chunk, atMs) {
      const found = [...due(atMs), ...read(pieces.take(chunk))]
      heldMs = pieces.holds ? atMs : null
      return found
    },
    dueMs: () => (heldMs === null ? null : heldMs + ANSWER_MS_MAX),
    due,
    tell: () => [],
  }
}

/** C0 controls and DEL; what is beyond ASCII is UTF-8 of somebody's code. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/

function seenPiece(held: Uint8Array): Seen<Piece> {
  const answerAt = held.findIndex((byte, at) => byte === STX && (held[at + 1] ?? 0x00) === 0x00)
  if (answerAt !== 0) {
    // A STX that begins no answer stays in its line, which then is no code.
    const bytes = held.slice(0, answerAt === -1 ? held.length : answerAt)
    return { kind: 'frame', frame: { kind: 'text', bytes }, bytes: bytes.length }
  }
  if (held.length < HEAD_BYTES) return { kind: 'more' }
  const bytes = HEAD_BYTES + held[3]! + CRC_BYTES
  if (held.length < bytes) return { kind: 'more' }
  const crc = crc16(CRC16_XMODEM, held.subarray(2, bytes - CRC_BYTES))
  const isWhole = held[bytes - 2] === crc >> 8 && held[bytes - 1] === (crc & 0xff)
  return isWhole ? { kind: 'frame', frame: { kind: 'answer' }, bytes } : { kind: 'none', why: 'checksum' }
}
