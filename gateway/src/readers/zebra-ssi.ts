import { concat, sameBytes } from '@gatehouse/shared/bytes.ts'
import { type FailedFrame, framedBytes } from '../core/framed-bytes.ts'
import type { Outcome } from '../ports.ts'
import type { Decoded, Decoder } from './decoder.ts'
import {
  CONTINUED,
  FROM_SCANNER,
  NAK_RESEND,
  RESENT,
  SSI,
  SSI_FROM_HOST,
  SSI_PACKET_BYTES_MAX,
  type SsiPacket,
  seenSsi,
  ssiPacket,
} from './ssi-packet.ts'

const CODE_BYTES_MAX = 512

/** A packet comes in one breath; after this much silence within one it was none. */
const PACKET_MS_MAX = 200
/** A scanner without an acknowledgement sends again after its two seconds. */
const RESEND_MS_MAX = 3_000
/** A scanner says ACK to a command within its own time; a command without is given up: a light is not worth a second try. */
const COMMAND_MS_MAX = 500
const LIGHT_MS = 1_000

const ACKNOWLEDGE = ssiPacket(SSI_FROM_HOST, SSI.ACK)
const SAY_AGAIN = ssiPacket(SSI_FROM_HOST, SSI.NAK, Uint8Array.of(NAK_RESEND))
const LIGHT = Uint8Array.of(0x01)
const LIGHT_ON = ssiPacket(SSI_FROM_HOST, SSI.LED_ON, LIGHT)
const LIGHT_OFF = ssiPacket(SSI_FROM_HOST, SSI.LED_OFF, LIGHT)
/** One short high tone, one long low one. */
const BEEPS: Readonly<Record<Outcome, Uint8Array>> = {
  granted: ssiPacket(SSI_FROM_HOST, SSI.BEEP, Uint8Array.of(0x00)),
  refused: ssiPacket(SSI_FROM_HOST, SSI.BEEP, Uint8Array.of(0x0f)),
}

/** What needs no acknowledgement: acknowledgements themselves, and answers to management. */
const FINAL: ReadonlySet<number> = new Set([SSI.ACK, SSI.NAK, SSI.MANAGEMENT])

/**
 * A Zebra scanner set to SSI with packeted data. Each packet is acknowledged at once, or asked for again where its
 * checksum is wrong. A code longer than a packet comes in several, each with the type of bar code first; the type is
 * dropped, as every type that the scanner is set to read is a code.
 *
 * A packet sent again because our acknowledgement was lost is the same packet, also the last part of a long code.
 */
export function zebraSsiDecoder(): Decoder {
  const packets = framedBytes(SSI_PACKET_BYTES_MAX, seenSsi(FROM_SCANNER))
  const codes = decodeDataCodes()
  const commands = commandQueue()
  let heldMs: number | null = null

  const heard = (packet: SsiPacket, atMs: number): Decoded[] => {
    const found: Decoded[] = FINAL.has(packet.opcode) ? [] : [{ kind: 'answer', bytes: ACKNOWLEDGE }]
    if (packet.opcode === SSI.DECODE_DATA) found.push(...codes(packet, atMs))
    if (packet.opcode === SSI.ACK || packet.opcode === SSI.NAK) found.push(...commands.answered(atMs))
    return found
  }
  const read = (found: readonly (SsiPacket | FailedFrame)[], atMs: number): Decoded[] => {
    const made = found.flatMap((packet): Decoded[] =>
      packet.kind === 'failed' ? [{ kind: 'dropped', why: packet.why }] : heard(packet, atMs),
    )
    // One scanner waits for one word: what lies within a spoilt packet may look like more of them.
    const isSpoilt = found.some(({ kind }) => kind === 'failed') && found.every(({ kind }) => kind === 'failed')
    return isSpoilt ? [...made, { kind: 'answer', bytes: SAY_AGAIN }] : made
  }
  const givenUp = (atMs: number): Decoded[] => {
    if (heldMs === null || atMs < heldMs + PACKET_MS_MAX) return []
    heldMs = null
    return read(packets.giveUp(), atMs)
  }

  return {
    begin: () => [],
    take(chunk, atMs) {
      const found = [...givenUp(atMs), ...read(packets.take(chunk), atMs)]
      heldMs = packets.holds ? atMs : null
      return found
    },
    dueMs() {
      const all = [heldMs === null ? null : heldMs + PACKET_MS_MAX, commands.dueMs()].filter(due => due !== null)
      return all.length === 0 ? null : Math.min(...all)
    },
    due: atMs => [...givenUp(atMs), ...commands.due(atMs)],
    tell: (outcome, atMs) => commands.say(outcome, atMs),
  }
}

/** The codes that packets of DECODE_DATA make. */
function decodeDataCodes(): (packet: SsiPacket, atMs: number) => Decoded[] {
  let parts: { readonly type: number; readonly text: Uint8Array } | null = null
  let last: { readonly packet: SsiPacket; readonly atMs: number } | null = null

  return (packet, atMs) => {
    const before = last
    last = { packet, atMs }
    if (before !== null && atMs - before.atMs >= RESEND_MS_MAX) parts = null
    else if (before !== null && isSentAgain(packet, before.packet)) return []
    const [type, ...data] = packet.data
    if (type === undefined) return [{ kind: 'dropped', why: 'length' }]
    const first = parts?.type === type ? parts.text : new Uint8Array()
    // One byte more than a code may have says that it is too long, and no more is kept of it.
    const text = concat(first, Uint8Array.from(data)).subarray(0, CODE_BYTES_MAX + 1)
    parts = (packet.status & CONTINUED) === 0 ? null : { type, text }
    if (parts !== null || text.length === 0) return []
    if (text.length > CODE_BYTES_MAX) return [{ kind: 'dropped', why: 'too_long' }]
    return [{ kind: 'scan', credential: { kind: 'code', text: String.fromCharCode(...text) } }]
  }
}

function isSentAgain(packet: SsiPacket, before: SsiPacket): boolean {
  const continues = (status: number) => status & CONTINUED
  return (
    (packet.status & RESENT) !== 0 &&
    continues(packet.status) === continues(before.status) &&
    sameBytes(packet.data, before.data)
  )
}

/** Commands to the scanner, one at a time: the next is said when the last was answered, or was not in time. */
function commandQueue() {
  let waiting: readonly Uint8Array[] = []
  let saidMs: number | null = null
  let darkMs: number | null = null

  const next = (atMs: number): Decoded[] => {
    if (saidMs !== null) return []
    const [command, ...rest] = waiting
    if (command === undefined) return []
    waiting = rest
    saidMs = atMs
    return [{ kind: 'answer', bytes: command }]
  }
  const answered = (atMs: number) => {
    saidMs = null
    return next(atMs)
  }
  return {
    /** What was not said yet of the outcome before is not said any more. */
    say(outcome: Outcome, atMs: number): Decoded[] {
      const light = outcome === 'granted' ? [LIGHT_ON] : darkMs === null ? [] : [LIGHT_OFF]
      darkMs = outcome === 'granted' ? atMs + LIGHT_MS : null
      waiting = [...light, BEEPS[outcome]]
      return next(atMs)
    },
    answered,
    dueMs(): number | null {
      const all = [saidMs === null ? null : saidMs + COMMAND_MS_MAX, darkMs].filter(due => due !== null)
      return all.length === 0 ? null : Math.min(...all)
    },
    due(atMs: number): Decoded[] {
      if (darkMs !== null && atMs >= darkMs) {
        darkMs = null
        waiting = [...waiting, LIGHT_OFF]
      }
      return saidMs !== null && atMs >= saidMs + COMMAND_MS_MAX ? answered(atMs) : next(atMs)
    },
  }
}
