import { ascii, concat, fromHex } from '@gatehouse/shared/bytes.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock } from '../ports.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const STX = 0x02
const ETX = 0x03

/** A tag that is held for a fifth of a second is sent three times, as the real reader does. */
const REPEATS = 3
const REPEAT_MS = 65

type CardFamily = 'rdm6300' | 'id12'

/** The frame of a card: STX, ten digits, the XOR of the five bytes, ETX; an ID-12 has CR LF before the ETX. */
export function cardFrame(family: CardFamily, card: string): Result<Uint8Array, 'not_a_card'> {
  const data = fromHex(card)
  if (data?.length !== 5) return fail('not_a_card')
  const sum = data.reduce((sum, byte) => sum ^ byte, 0)
  const digits = ascii(card.toUpperCase() + sum.toString(16).toUpperCase().padStart(2, '0'))
  const end = family === 'id12' ? Uint8Array.of(0x0d, 0x0a, ETX) : Uint8Array.of(ETX)
  return ok(concat(Uint8Array.of(STX), digits, end))
}

export const rdm6300Device = (_config: unknown, far: FarEnd) => tagReader('rdm6300', far)
export const id12Device = (far: FarEnd) => tagReader('id12', far)

function tagReader(family: CardFamily, { send, clock }: FarEnd): ReaderDevice {
  const hold = tagsInTurn(send, clock)
  return {
    receive() {},
    present({ card = '' }) {
      const frame = cardFrame(family, card)
      if (!frame.ok) return fail('A card is five bytes in hexadecimal, such as 01000734E0.')
      if (!hold(frame.value)) return fail('Too many cards are waiting at this reader. Try again in a moment.')
      return ok(frame.value.length)
    },
  }
}

/** People who may stand in line with a card; one more is told to wait. */
const WAITING_MAX = 100

/**
 * Holds tags to a reader, one after the other: each is sent for as long as it lies there, and the next only when it is gone, as
 * two cards are never read in turns by a real antenna. False when too many wait.
 */
export function tagsInTurn(send: (frame: Uint8Array) => void, clock: Clock): (frame: Uint8Array) => boolean {
  const waiting: Uint8Array[] = []
  const holdEach = async () => {
    for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
      for (let time = 0; time < REPEATS; time++) {
        send(frame)
        await clock.after(REPEAT_MS)
      }
      waiting.shift()
    }
  }
  return frame => {
    if (waiting.length >= WAITING_MAX) return false
    if (waiting.push(frame) === 1) void holdEach()
    return true
  }
}
