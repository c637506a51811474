import type { CardOffer } from '@gatehouse/shared/wire/api/card-offers.ts'

const REFUSED: Readonly<Record<string, string>> = {
  clock_in_doubt:
    'The gate does not trust its clock, so it takes no orders. It does as soon as the cloud has told it the time.',
  in_the_future: 'The gate’s clock is behind. It takes no orders until the two agree within seconds.',
  expired: 'The order came too late, or the gate’s clock is ahead. Try again.',
  no_such_reader: 'The gate has no card reader of that name any more. Choose another reader.',
  disk_full: 'The disk of the gate is full. Make room there, and try again.',
}

/** Why nothing more is waited for; null while something is. */
export function sayOver(offer: CardOffer | undefined): string | null {
  if (offer?.state === 'expired') return 'The minute is over and no new card was held to the reader.'
  if (offer?.state !== 'refused') return null
  return REFUSED[offer.why ?? ''] ?? `The gate refused to wait for a card (${offer.why}).`
}

export function saySecondsLeft(leftS: number): string {
  if (leftS === 0) return 'The time is over'
  return leftS === 1 ? '1 second left' : `${leftS} seconds left`
}
