import { setTimeout as pause } from 'node:timers/promises'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn, type Watch, watch } from './session.ts'

/**
 * `npm start -- --hardware mixed`: a scanner, a card reader, a scanner that types, a keypad, a turnstile with two dry contacts
 * and passage inputs, and our own door controller at once, as the cloud has described them.
 */

const UP_MS_MAX = 240_000
/** Longer than any reader goes on taking a code for the one before. */
const AGAIN_MS = 6_000

needs('script')('a campus of mixed hardware', () => {
  let place: Ground
  let campus: Campus
  let guard: Session
  let feed: Watch
  let code: string

  beforeAll(async () => {
    place = await ground()
    campus = await startCampus(place, '--hardware', 'mixed')
    guard = await signIn(campus.url, campus.account('security'))
    feed = await watch(campus.url, guard)
    const { data } = await guard.call<{ credentials: { kind: string; value: string }[] }>('GET', '/demo/presentables')
    code = data!.credentials.find(({ kind }) => kind === 'qr')!.value
  }, UP_MS_MAX)

  afterAll(async () => {
    await feed?.end()
    if (campus) await stop(campus.process)
    clear(place)
  })

  /** Held again now and then until it is seen, as a person would on a machine that has much to do. */
  const present = async <Seen>(body: object, seen: Promise<Seen>): Promise<Seen> => {
    for (;;) {
      const answer = await guard.call('POST', '/demo/present', body)
      expect(answer.error).toBe(null)
      const first = await Promise.race([seen.then(value => ({ value })), pause(AGAIN_MS, null)])
      if (first !== null) return first.value
    }
  }
  const nameOf = (gate: string) => (gate === 'north' ? 'North gate' : 'South gate')
  const seen = async (gate: string, kind: string, lane: string, technology: string | null) => {
    const line = await feed.line(
      one => one.gateName === nameOf(gate) && one.kind === kind && one.lane === lane && one.technology === technology,
    )
    return line.holder?.name
  }

  test('every device of both gates comes up by what the cloud has described', { timeout: UP_MS_MAX }, async () => {
    await expect
      .poll(
        async () => {
          const { data } = await guard.call<Gate[]>('GET', '/gates')
          return data!.flatMap(({ lanes }) =>
            lanes.flatMap(({ readers, door }) => [...readers, door].map(({ up }) => up)),
          )
        },
        { timeout: 60_000 },
      )
      .toEqual(Array(9).fill(true))
  })

  test('a card opens the turnstile, and its passage input says who went through', { timeout: UP_MS_MAX }, async () => {
    const passage = seen('north', 'passage', 'in', null)
    expect(await present({ gate: 'north', lane: 'in', card: '01000734E0' }, passage)).toBe('Ada Lovelace')
    expect(await seen('north', 'granted', 'in', 'em4100')).toBe('Ada Lovelace')
  })

  test('a scanner that types, and a keypad, at the way out of the same turnstile', { timeout: UP_MS_MAX }, async () => {
    const typed = seen('north', 'granted', 'out', 'ghp1')
    expect(await present({ gate: 'north', lane: 'out', qr: code }, typed)).toBeDefined()
    const pressed = seen('north', 'granted', 'out', 'pin')
    expect(await present({ gate: 'north', lane: 'out', pin: '428173' }, pressed)).toBe('Suharto')
  })

  test('our own door controller opens once for a card', { timeout: UP_MS_MAX }, async () => {
    const granted = seen('south', 'granted', 'in', 'em4100')
    expect(await present({ gate: 'south', card: '62E3086CED' }, granted)).toBe('Zoë Ångström')
    const { control, token } = campus.simulator('south')
    await expect
      .poll(
        async () => {
          const state = await fetch(`${control}/state`, { headers: { authorization: `Bearer ${token}` } })
          return ((await state.json()) as { pulses: number; energised: boolean }[])[0]
        },
        { timeout: 10_000 },
      )
      .toMatchObject({ pulses: 1 })
  })
})
