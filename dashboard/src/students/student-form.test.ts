import type { PassEffect } from '@gatehouse/shared/wire/api/students-many.ts'
import { expect, test } from 'vitest'
import { effectWords } from './status-effect.tsx'

const effects: readonly [counts: Partial<Record<PassEffect, number>>, said: string | null][] = [
  [{ suspended: 2 }, 'Suspends 2 passes. They come back when the student is active again.'],
  [{ suspended: 1 }, 'Suspends 1 pass. It comes back when the student is active again.'],
  [{ revoked: 3 }, 'Revokes 3 passes for good; new ones must be issued.'],
  [{ revoked_later: 1 }, 'Ends 1 pass on 1 Dec. Coming back before then undoes it.'],
  [{ given_back: 1, stays_revoked: 1 }, 'Gives 1 pass back. 1 pass stays revoked; a new one must be issued.'],
  [{}, null],
]
for (const [counts, said] of effects) {
  test(`${JSON.stringify(counts)}: ${said ?? 'nothing is said'}`, () => expect(effectWords(counts, '1 Dec')).toBe(said))
}
