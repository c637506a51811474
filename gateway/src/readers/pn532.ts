import { concat, toHex } from '@gatehouse/shared/bytes.ts'
import { framedBytes } from '../core/framed-bytes.ts'
import type { Decoded, Decoder } from './decoder.ts'
import {
  FROM_HOST,
  FROM_PN532,
  NACK,
  PN532_FRAME_BYTES_MAX,
  type Pn532Frame,
  pn532Frame,
  seenPn532,
} from './pn532-frame.ts'

/** Asleep it takes the first bytes for a call: 55 55, and time to wake in zeros (libnfc drivers/pn532_uart.c). */
const WAKE = concat(Uint8Array.of(0x55, 0x55), new Uint8Array(14))

/** Normal mode, as libnfc sets it. */
const SAM_CONFIGURATION = Uint8Array.of(0x14, 0x01, 0x14, 0x01)
/** Give up on a card after three tries: as delivered it tries for ever, and silence would not tell "no card" from "no reader" (UM0701-02, 7.3.1). */
const MAX_RETRIES = Uint8Array.of(0x32, 0x05, 0xff, 0x01, 0x02)
/** One target of ISO 14443 A at 106 kbit/s. */
const LIST_PASSIVE_TARGET = Uint8Array.of(0x4a, 0x01, 0x00)
const PREPARATIONS = [SAM_CONFIGURATION, MAX_RETRIES] as const

const POLL_MS = 100
/** It acknowledges within 15 ms (UM0701-02, 6.2.2); a serial server adds to that. */
const ACK_MS_MAX = 200
const ANSWER_MS_MAX = 500
/** How often a spoilt frame is said again, by either side. */
const NACKS_MAX = 3

const UID_BYTES: ReadonlySet<number> = new Set([4, 7, 10])

type Outstanding = { readonly command: Uint8Array; sentMs: number; acknowledged: boolean; nacks: number }

/**
 * A PN532 on its high-speed UART, 115200 8N1: woken, set to read cards, and asked for one ten times a second. A silent
 * one is woken again, as it is after a power cut. It has neither light nor buzzer.
 */
export function pn532Decoder(): Decoder {
  const frames = framedBytes(PN532_FRAME_BYTES_MAX, seenPn532)
  let outstanding: Outstanding | null = null
  /** How many preparations were answered. */
  let prepared = 0
  let pollMs = 0

  const send = (command: Uint8Array, atMs: number, before: Uint8Array = new Uint8Array()): Decoded[] => {
    outstanding = { command, sentMs: atMs, acknowledged: false, nacks: 0 }
    return [{ kind: 'answer', bytes: concat(before, pn532Frame(FROM_HOST, command)) }]
  }
  const wake = (atMs: number) => {
    prepared = 0
    frames.forget()
    return send(SAM_CONFIGURATION, atMs, WAKE)
  }
  const heard = (frame: Pn532Frame, atMs: number): Decoded[] => {
    if (outstanding === null) return []
    if (frame.kind === 'ack') {
      outstanding.acknowledged = true
      outstanding.sentMs = atMs
      return []
    }
    if (frame.kind === 'nack') {
      if (outstanding.nacks >= NACKS_MAX) return []
      outstanding.nacks++
      return [{ kind: 'answer', bytes: pn532Frame(FROM_HOST, outstanding.command) }]
    }
    if (frame.kind === 'error') {
      outstanding = null
      pollMs = atMs + POLL_MS
      return [{ kind: 'dropped', why: 'error' }]
    }
    const [code, ...data] = frame.data
    if (frame.tfi !== FROM_PN532 || code !== outstanding.command[0]! + 1) return []
    outstanding = null
    pollMs = atMs + POLL_MS
    if (prepared < PREPARATIONS.length) prepared++
    const preparation = PREPARATIONS[prepared]
    if (preparation !== undefined) return send(preparation, atMs)
    if (code !== LIST_PASSIVE_TARGET[0]! + 1) return send(LIST_PASSIVE_TARGET, atMs)
    return targetOf(data)
  }
  /** A frame whose check did not come out is asked for again. */
  const failed = (why: string): Decoded[] => {
    const dropped: Decoded = { kind: 'dropped', why }
    if (!outstanding?.acknowledged || outstanding.nacks >= NACKS_MAX) return [dropped]
    outstanding.nacks++
    return [dropped, { kind: 'answer', bytes: NACK }]
  }

  return {
    begin: wake,
    take: (chunk, atMs) =>
      frames.take(chunk).flatMap(frame => (frame.kind === 'failed' ? failed(frame.why) : heard(frame, atMs))),
    dueMs: () =>
      outstanding === null ? pollMs : outstanding.sentMs + (outstanding.acknowledged ? ANSWER_MS_MAX : ACK_MS_MAX),
    due(atMs) {
      if (outstanding === null) {
        if (atMs < pollMs) return []
        return prepared < PREPARATIONS.length ? wake(atMs) : send(LIST_PASSIVE_TARGET, atMs)
      }
      if (atMs < outstanding.sentMs + (outstanding.acknowledged ? ANSWER_MS_MAX : ACK_MS_MAX)) return []
      return [{ kind: 'dropped', why: 'silence' }, ...wake(atMs)]
    },
    tell: () => [],
  }
}

/** Count of targets; of the first its number, SENS_RES (2), SEL_RES, length of the UID, UID, and more where it is ISO 14443-4. */
function targetOf(data: readonly number[]): Decoded[] {
  const [count, , , , , uidBytes = 0] = data
  if (count === 0) return []
  const uid = Uint8Array.from(data.slice(6, 6 + uidBytes))
  if (count !== 1 || !UID_BYTES.has(uidBytes) || uid.length !== uidBytes) return [{ kind: 'dropped', why: 'length' }]
  const card = { technology: 'iso14443a', bitCount: uidBytes * 8, bits: toHex(uid) } as const
  return [{ kind: 'scan', credential: { kind: 'card', card } }]
}
