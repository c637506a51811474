import { learnFormat } from '@gatehouse/shared/wiegand/learn.ts'
import { SAMPLES_PROBLEM_WORDS } from '@gatehouse/shared/wiegand/sample.ts'
import { learnCards } from '@gatehouse/shared/wire/api/cards.ts'
import type { Binder } from '../http/bind.ts'

/** Only computes: no card that is learnt from is kept. */
export function learnRoutes(routes: Binder): void {
  routes.inSchool(learnCards, async ({ body: { samples } }) => {
    const learned = learnFormat(
      samples.map(({ seen, printed: { number, facility } }) => ({
        seen,
        printed: { number: BigInt(number), facility: facility === null ? null : BigInt(facility) },
      })),
    )
    if (learned.ok) return { data: learned.value }
    const message = SAMPLES_PROBLEM_WORDS[learned.failure]
    return {
      problem: { status: 422, code: 'validation_failed', message, details: [{ path: 'samples', message }] },
    }
  })
}
