import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { expect, test } from 'vitest'
import { effectOn } from './student-form.tsx'

type Status = Student['status']

const effects: readonly [from: Status, passCount: number, to: Status, said: string | null][] = [
  ['active', 2, 'suspended', 'Suspends 2 passes. They come back when the student is active again.'],
  ['active', 1, 'graduated', 'Revokes 1 pass for good; new ones must be issued.'],
  ['active', 3, 'inactive', 'Revokes 3 passes for good; new ones must be issued.'],
  ['suspended', 1, 'active', 'Gives 1 pass back.'],
  ['active', 0, 'graduated', null],
  ['active', 2, 'active', null],
  ['inactive', 2, 'active', null],
]
for (const [from, passCount, to, said] of effects) {
  test(`${from} with ${passCount} passes to ${to}: ${said ?? 'nothing is said'}`, () =>
    expect(effectOn({ status: from, passCount }, to)).toBe(said))
}
