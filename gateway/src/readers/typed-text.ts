import { readCardText } from '@gatehouse/shared/wiegand/card-text.ts'
import type { CardText } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { characterCard } from './character-card.ts'
import type { Decoded } from './decoder.ts'

/** `]`, a letter for the symbology, a modifier: `]Q1`, `]C0` (ISO/IEC 15424). */
const AIM_ID = /^\][A-Za-z][0-9A-Za-z]/

const PLATE_CHARACTERS_MIN = 2
const PLATE_CHARACTERS_MAX = 16

export type TypedTextNeeds = {
  readonly reads: 'code' | 'card' | 'plate'
  /** Which card a text is; said for every reader that reads cards. */
  readonly card?: CardText | undefined
  /** What comes without it is dropped. */
  readonly prefix: string
  /** The reader is set to send an AIM id, behind the prefix. A payload may begin with `]` by itself, so it is never guessed. */
  readonly aimId: boolean
}

/**
 * What a text stands for that a reader typed. A code is given as it was printed, whatever it is: the decision refuses
 * it and says why. A plate is what is left of it in letters and digits, in upper case. A card is what its text says.
 */
export function typedText({ reads, card, prefix, aimId }: TypedTextNeeds): (text: string) => readonly Decoded[] {
  return typed => {
    if (!typed.startsWith(prefix)) return [{ kind: 'dropped', why: 'prefix' }]
    const rest = typed.slice(prefix.length)
    const text = aimId ? rest.replace(AIM_ID, '') : rest
    if (text === '') return []
    if (reads === 'code') return [{ kind: 'scan', credential: { kind: 'code', text } }]
    return [reads === 'plate' ? plateOf(text) : cardOf(text, card)]
  }
}

function plateOf(text: string): Decoded {
  const plate = text.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
  if (plate.length < PLATE_CHARACTERS_MIN || plate.length > PLATE_CHARACTERS_MAX)
    return { kind: 'dropped', why: 'length' }
  return { kind: 'scan', credential: { kind: 'card', card: characterCard('plate', plate) } }
}

function cardOf(text: string, as: CardText | undefined): Decoded {
  const credential = as === undefined ? null : readCardText(text, as)
  if (credential === null || credential.kind === 'malformed') return { kind: 'dropped', why: 'not_a_card' }
  return { kind: 'scan', credential }
}
