import { concat } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { type Twn4Wire, twn4Bytes, twn4Messages } from '../readers/twn4-wire.ts'
import type { FarEnd, ReaderDevice } from './device.ts'
import { antenna, type HeldCard, heldCard, TOO_MANY } from './held-card.ts'

const UNKNOWN_FUNCTION = 1
const MISSING_PARAMETER = 2
const UNUSED_PARAMETERS = 3

/** A TWN4 with the Simple Protocol: says a word only when asked, and has the tag that lies there. */
export function twn4Device(wire: Twn4Wire, { send, clock }: FarEnd): ReaderDevice {
  const messages = twn4Messages(wire)
  const { hold, lying } = antenna(clock)

  const answerTo = ([api, number, ...parameters]: Uint8Array): Uint8Array => {
    if (api === 0x04 && number === 0x07) return Uint8Array.of(errorOf(parameters.length, 7))
    if (api !== 0x05 || number !== 0x00) return Uint8Array.of(UNKNOWN_FUNCTION)
    const error = errorOf(parameters.length, 1)
    if (error !== 0) return Uint8Array.of(error)
    const card = lying()
    if (card === null || card.bytes.length > parameters[0]!) return Uint8Array.of(0, 0)
    const { bytes, bitCount } = card
    return concat(Uint8Array.of(0, 1, typeOf(card), bitCount, bytes.length), bytes)
  }
  return {
    receive(bytes) {
      for (const message of messages.take(bytes))
        if (typeof message !== 'string') send(twn4Bytes(wire, answerTo(message)))
    },
    present({ card = '' }) {
      const held = heldCard(card)
      if (!held.ok) return held
      return hold(held.value) ? ok(held.value.bytes.length) : fail(TOO_MANY)
    },
  }
}

function errorOf(parameters: number, wanted: number): number {
  if (parameters === wanted) return 0
  return parameters < wanted ? MISSING_PARAMETER : UNUSED_PARAMETERS
}

/** EM4102 has 40 bits, ISO 15693 has 64, MIFARE 4, 7 or 10 bytes; what is no whole number of bytes is HID Prox. */
function typeOf({ bitCount }: HeldCard): number {
  if (bitCount === 40) return 0x40
  if (bitCount === 64) return 0x82
  return bitCount === 32 || bitCount === 56 || bitCount === 80 ? 0x80 : 0x49
}
