import { fail, ok } from '@gatehouse/shared/result.ts'
import { framedBytes } from '../core/framed-bytes.ts'
import { ACK, FROM_HOST, FROM_PN532, PN532_FRAME_BYTES_MAX, pn532Frame, seenPn532 } from '../readers/pn532-frame.ts'
import type { FarEnd, ReaderDevice } from './device.ts'
import { antenna, heldCard, TOO_MANY } from './held-card.ts'

const SAM_CONFIGURATION = 0x14
const RF_CONFIGURATION = 0x32
const LIST_PASSIVE_TARGET = 0x4a
const MAX_RETRIES_ITEM = 0x05
const FOR_EVER = 0xff

/** Its two high bits say how long the UID is (ISO 14443-3, 6.5.2). */
const SENS_RES: Readonly<Record<number, number>> = { 4: 0x04, 7: 0x44, 10: 0x84 }

const SYNTAX_ERROR = Uint8Array.of(0x00, 0x00, 0xff, 0x01, 0xff, 0x7f, 0x81, 0x00)

/**
 * A PN532: acknowledges each good frame, then answers it; wants to be configured first; and tries for ever to find a
 * card, which is silence, until it is told how often.
 */
export function pn532Device(_config: unknown, { send, clock }: FarEnd): ReaderDevice {
  const frames = framedBytes(PN532_FRAME_BYTES_MAX, seenPn532)
  const { hold, lying } = antenna(clock)
  let configured = false
  let retries = FOR_EVER
  let answered: Uint8Array | null = null

  const answer = (code: number, ...data: number[]) => {
    answered = pn532Frame(FROM_PN532, Uint8Array.of(code + 1, ...data))
    send(answered)
  }
  const execute = (data: Uint8Array) => {
    const [code, item, , , tries] = data
    if (code === SAM_CONFIGURATION) {
      configured = true
      answer(code)
    } else if (code === RF_CONFIGURATION && item === MAX_RETRIES_ITEM && tries !== undefined) {
      retries = tries
      answer(code)
    } else if (code === LIST_PASSIVE_TARGET && configured) {
      const card = lying()
      if (card !== null)
        answer(code, 0x01, 0x01, 0x00, SENS_RES[card.bytes.length]!, 0x08, card.bytes.length, ...card.bytes)
      else if (retries !== FOR_EVER) answer(code, 0x00)
    } else {
      answered = SYNTAX_ERROR
      send(answered)
    }
  }
  return {
    receive(bytes) {
      for (const frame of frames.take(bytes)) {
        if (frame.kind === 'nack' && answered !== null) send(answered)
        if (frame.kind !== 'information' || frame.tfi !== FROM_HOST) continue
        send(ACK)
        execute(frame.data)
      }
    },
    present({ card = '' }) {
      const held = heldCard(card)
      if (!held.ok) return held
      if (![32, 56, 80].includes(held.value.bitCount))
        return fail('A card of ISO 14443 A has a UID of 4, 7 or 10 bytes.')
      return hold(held.value) ? ok(held.value.bytes.length) : fail(TOO_MANY)
    },
  }
}
