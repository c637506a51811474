import { ascii, concat } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { framedBytes } from '../core/framed-bytes.ts'
import {
  CONTINUED,
  FROM_SCANNER,
  RESENT,
  SSI,
  SSI_DATA_BYTES_MAX,
  SSI_FROM_HOST,
  SSI_PACKET_BYTES_MAX,
  type SsiPacket,
  seenSsi,
  ssiPacket,
} from '../readers/ssi-packet.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const QR_CODE = 0x1c
const PART_BYTES_MAX = SSI_DATA_BYTES_MAX - 1
/** As delivered: it waits two seconds for a word, and says a packet three times. */
const ANSWER_MS_MAX = 2_000
const TIMES_MAX = 3
/** Codes that may wait to be sent. */
const WAITING_PACKETS_MAX = 100

export type SsiDevice = ReaderDevice & {
  /** How often the host asked for a packet again. */
  naks(): number
  /** Commands that it did, as opcode and parameter. */
  done(): readonly string[]
}

type Part = { readonly data: Uint8Array; readonly status: number }

/** A Zebra scanner on SSI: sends a packet until it is acknowledged, and a long code in several. */
export function ssiDevice(_config: unknown, { send, clock }: FarEnd): SsiDevice {
  const packets = framedBytes(SSI_PACKET_BYTES_MAX, seenSsi(SSI_FROM_HOST))
  const parts: Part[] = []
  const done: string[] = []
  let naks = 0
  let heard: (word: 'ack' | 'nak') => void = () => {}

  const sendEach = async () => {
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      await sendUntilHeard(part)
      parts.shift()
    }
  }
  const sendUntilHeard = async ({ data, status }: Part) => {
    for (let time = 0; time < TIMES_MAX; time++) {
      const silence = new AbortController()
      const word = new Promise<'ack' | 'nak'>(resolve => {
        heard = resolve
      })
      send(ssiPacket(FROM_SCANNER, SSI.DECODE_DATA, data, status | (time === 0 ? 0 : RESENT)))
      const answer = await Promise.race([word, clock.after(ANSWER_MS_MAX, silence.signal)])
      silence.abort()
      if (answer === 'ack') return
    }
  }
  const hear = ({ opcode, data }: SsiPacket) => {
    if (opcode === SSI.ACK) heard('ack')
    else if (opcode === SSI.NAK) {
      naks++
      heard('nak')
    } else if (opcode === SSI.BEEP || opcode === SSI.LED_ON || opcode === SSI.LED_OFF) {
      done.push(`${opcode.toString(16)} ${data[0]}`)
      send(ssiPacket(FROM_SCANNER, SSI.ACK))
    }
  }
  return {
    naks: () => naks,
    done: () => done,
    receive(bytes) {
      for (const packet of packets.take(bytes)) if (packet.kind === 'packet') hear(packet)
    },
    present({ qr = '' }) {
      if (!/^[\x20-\x7e]{1,512}$/.test(qr)) return fail('A QR code is 1 to 512 printable ASCII characters.')
      if (parts.length >= WAITING_PACKETS_MAX) return fail('Too many codes are waiting at this scanner.')
      const text = ascii(qr)
      const isIdle = parts.length === 0
      for (let at = 0; at < text.length; at += PART_BYTES_MAX) {
        const end = at + PART_BYTES_MAX
        const data = concat(Uint8Array.of(QR_CODE), text.subarray(at, end))
        parts.push({ data, status: end < text.length ? CONTINUED : 0 })
      }
      if (isIdle) void sendEach()
      return ok(text.length)
    },
  }
}
