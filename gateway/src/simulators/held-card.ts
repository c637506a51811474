import { fromHex } from '@gatehouse/shared/bytes.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock } from '../ports.ts'

/** A card as it is named to a simulated reader: bytes, or bits left-justified in them. */
export type HeldCard = { readonly bytes: Uint8Array; readonly bitCount: number }

const NO_CARD = 'A card is bytes in hexadecimal, such as DEADBEEF, or its bits and their count, such as 80800080/26.'

export function heldCard(text: string): Result<HeldCard, string> {
  const [hex = '', count] = text.split('/')
  const bytes = fromHex(hex)
  const bitCount = count === undefined ? hex.length * 4 : Number(count)
  if (bytes === null || bytes.length === 0 || bytes.length > 16) return fail(NO_CARD)
  if (!Number.isInteger(bitCount) || Math.ceil(bitCount / 8) !== bytes.length) return fail(NO_CARD)
  return ok({ bytes, bitCount })
}

/** How long somebody holds a card to a reader. */
const HELD_MS = 400
/** People who may stand in line with a card; one more is told to wait. */
const WAITING_MAX = 100
export const TOO_MANY = 'Too many cards are waiting at this reader. Try again in a moment.'

export type Antenna = {
  /** Holds a card as soon as those before it are gone. False when too many wait. */
  hold(card: HeldCard): boolean
  /** The card that lies there now. */
  lying(): HeldCard | null
}

/** The antenna of a reader that is asked for its card: one card at a time, whether anybody asks or not. */
export function antenna(clock: Clock): Antenna {
  let line: { readonly card: HeldCard; readonly untilMs: number }[] = []
  const left = () => {
    const nowMs = clock.monotonicMs()
    line = line.filter(({ untilMs }) => untilMs > nowMs)
    return line
  }
  return {
    hold(card) {
      const before = left()
      if (before.length >= WAITING_MAX) return false
      line.push({ card, untilMs: Math.max(clock.monotonicMs(), before.at(-1)?.untilMs ?? 0) + HELD_MS })
      return true
    },
    lying: () => left()[0]?.card ?? null,
  }
}
