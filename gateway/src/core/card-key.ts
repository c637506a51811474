import { createHmac } from 'node:crypto'
import { CARD_KEY_BYTES, type Card, cardKeyMessage } from '@gatehouse/shared/list/card.ts'

/** The fingerprint under which a list knows a card, as 24 hexadecimal characters. */
export function cardKeyOf(cardSecret: Uint8Array, card: Card): string {
  const mac = createHmac('sha256', cardSecret).update(cardKeyMessage(card)).digest()
  return mac.toString('hex', 0, CARD_KEY_BYTES)
}
