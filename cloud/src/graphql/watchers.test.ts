import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Person } from '../auth/identity.ts'
import type { SchoolPerson } from '../http/bind.ts'
import { openWatchers, type Place, type Watchers } from './watchers.ts'

const school = { id: 'school-1', name: 'School', tenant: 'hillside', timeZone: 'UTC' }
const who = {
  userId: 'user-1',
  sessionId: 'session-1',
  role: 'staff',
  grants: [],
  scopes: null,
  school,
  tokenExpiresAtMs: 900_000,
} as unknown as SchoolPerson

let now: number
let known: Person | null
let asked: number
let ended: string[]
let watchers: Watchers
beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  now = 0
  known = who
  asked = 0
  ended = []
  watchers = openWatchers({
    identity: {
      person: async () => {
        asked++
        return known
      },
    },
    nowMs: () => now,
  })
})
afterEach(() => vi.useRealTimers())

const enter = (name: string, person = who) => watchers.enter({ token: 't', who: person, onEnd: () => ended.push(name) })
const placeOf = (name: string) => enter(name) as Place

test('ends with its session, and with everything of its person', () => {
  enter('mine')
  enter('of another session', { ...who, sessionId: 'session-2' })
  enter('of another person', { ...who, sessionId: 'session-3', userId: 'user-2' })
  watchers.ended('session-1')
  expect(ended).toEqual(['mine'])
  watchers.ended('user-1')
  expect(ended).toEqual(['mine', 'of another session'])
  watchers.ended('session-1')
  expect(ended).toHaveLength(2)
})

test('ends with its token, and not before', () => {
  enter('mine')
  now = 899_999
  vi.advanceTimersByTime(899_999)
  expect(ended).toEqual([])
  now = 900_000
  vi.advanceTimersByTime(1)
  expect(ended).toEqual(['mine'])
})

test('a key that lives for a year is waited for', () => {
  const year = 365 * 86_400_000
  enter('a screen', { ...who, tokenExpiresAtMs: year })
  now = 2_147_483_647
  vi.advanceTimersByTime(2_147_483_647)
  expect(ended).toEqual([])
  now = year
  vi.advanceTimersByTime(year - 2_147_483_647)
  expect(ended).toEqual(['a screen'])
})

test('who left is not ended', () => {
  placeOf('mine').leave()
  watchers.close()
  expect(ended).toEqual([])
})

test('twenty of a session at once, and others beside them', () => {
  const places = Array.from({ length: 20 }, (_, at) => placeOf(String(at)))
  expect(enter('one too many')).toMatchObject({ code: 'too_many_subscriptions', status: 429 })
  expect(enter('another session', { ...who, sessionId: 'session-2' })).not.toHaveProperty('code')
  places[0]!.leave()
  expect(enter('in its place')).not.toHaveProperty('code')
})

test('closing ends all, and lets nobody in', () => {
  enter('mine')
  watchers.close()
  expect(ended).toEqual(['mine'])
  expect(enter('later')).toMatchObject({ code: 'too_many_subscriptions' })
})

test.each([
  ['nothing changed', who, true],
  ['the session has ended', null, false],
  ['another role', { ...who, role: 'security' }, false],
  ['a grant was given', { ...who, grants: ['pii:read'] }, false],
  ['another school', { ...who, school: { ...school, id: 'school-2' } }, false],
] as const)('within five seconds what the tables say holds: %s', async (_name, person, holds) => {
  const place = placeOf('mine')
  known = person as Person | null
  now = 3_999
  expect([await place.stillHolds(), asked]).toEqual([true, 0])
  now = 4_000
  expect([await place.stillHolds(), asked]).toEqual([holds, 1])
})
