import type { CardOffer } from '@gatehouse/shared/wire/api/card-offers.ts'
import { expect, test } from 'vitest'
import { sayOver, saySecondsLeft } from './offer-words.ts'

const offer = (state: CardOffer['state'], why: string | null = null): CardOffer => ({
  armingId: '0199f0a0-0000-7000-8000-000000000001',
  state,
  why,
  expiresAt: '2026-09-01T08:01:00Z',
  card: null,
  holder: null,
})

test('while a card may still come nothing is over', () => {
  expect(sayOver(undefined)).toBeNull()
  for (const state of ['waiting', 'gate_offline', 'offered', 'taken'] as const) expect(sayOver(offer(state))).toBeNull()
})

test('a minute that is over, and an order that was refused, say why', () => {
  expect(sayOver(offer('expired'))).toMatch(/minute is over/)
  expect(sayOver(offer('refused', 'clock_in_doubt'))).toMatch(/does not trust its clock/)
  expect(sayOver(offer('refused', 'a_word_of_tomorrow'))).toMatch(/a_word_of_tomorrow/)
})

test('seconds are told in words', () => {
  expect([42, 1, 0].map(saySecondsLeft)).toEqual(['42 seconds left', '1 second left', 'The time is over'])
})
