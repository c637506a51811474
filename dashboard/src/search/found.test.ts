import type { Found } from '@gatehouse/shared/wire/api/search.ts'
import { expect, test } from 'vitest'
import { sectionsOf } from '../frame/sections.ts'
import { hitGroups } from './found.ts'

const FOUND: readonly Found[] = [
  { kind: 'user', id: 'u1', title: 'Ada Office', detail: 'school_admin' },
  { kind: 'student', id: 's1', title: 'Ada Lovelace', detail: '0042' },
  { kind: 'pass', id: 'p1', title: 'Ada Lovelace', detail: 'Pass 7' },
  { kind: 'audit', id: 'a1', title: 'student.create', detail: '' },
]

test('what is found stands by kind, with where it leads and what tells it from others', () => {
  expect(hitGroups([], FOUND, 'ada').map(({ name, hits }) => [name, hits])).toEqual([
    ['Students', [{ to: '/students/s1', name: 'Ada Lovelace', detail: '0042' }]],
    ['Passes', [{ to: '/passes?open=p1', name: 'Ada Lovelace', detail: 'Pass 7' }]],
    ['People', [{ to: '/users?open=u1', name: 'Ada Office', detail: 'Administrator of the school' }]],
  ])
})

test('pages come first, those of the role and no others', () => {
  const pagesOf = (role: 'staff' | 'school_admin', typed: string) =>
    hitGroups(sectionsOf(role), [], typed).flatMap(({ hits }) => hits.map(({ name }) => name))
  expect(pagesOf('school_admin', ' PEO ')).toEqual(['People'])
  expect(pagesOf('staff', 'peo')).toEqual([])
  expect(pagesOf('staff', '')).toContain('Students')
})
