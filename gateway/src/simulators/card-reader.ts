import { ascii, concat, fromHex } from '@gatehouse/shared/bytes.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock } from '../ports.ts'
import type { Wire } from './wire.ts'

const STX = 0x02
const ETX = 0x03

/** A tag that is held for a fifth of a second is sent three times, as the real reader does. */
const REPEATS = 3
const REPEAT_MS = 65

export type CardFamily = 'rdm6300' | 'id12'

/** The frame of a card: STX, ten digits, the XOR of the five bytes, ETX; an ID-12 has CR LF before the ETX. */
export function cardFrame(family: CardFamily, card: string): Result<Uint8Array, 'not_a_card'> {
  const data = fromHex(card)
  if (data?.length !== 5) return fail('not_a_card')
  const sum = data.reduce((sum, byte) => sum ^ byte, 0)
  const digits = ascii(card.toUpperCase() + sum.toString(16).toUpperCase().padStart(2, '0'))
  const end = family === 'id12' ? Uint8Array.of(0x0d, 0x0a, ETX) : Uint8Array.of(ETX)
  return ok(concat(Uint8Array.of(STX), digits, end))
}

/** Sends a frame as a reader does for as long as the tag lies there. The first goes out before this returns. */
export function presentCard(wire: Wire, frame: Uint8Array, clock: Clock): void {
  wire.send(frame)
  const repeat = async () => {
    for (let time = 1; time < REPEATS; time++) {
      await clock.after(REPEAT_MS)
      wire.send(frame)
    }
  }
  void repeat()
}
