import { expect, test } from 'vitest'
import { type Refreshed, type SignedIn, session } from './session.ts'

const user: SignedIn['user'] = {
  id: '00000000-0000-4000-8000-000000000001',
  email: 'guard@school.example',
  displayName: 'Guard',
  role: 'security',
  grants: [],
  school: null,
}
const signedIn = (accessToken: string): SignedIn => ({ user, tokens: { accessToken, expiresInS: 900 } })

/** A session over a service whose answers the test gives, and a clock it sets. */
function bench(...answers: readonly Refreshed[]) {
  const left = [...answers]
  let nowMs = 1_000_000
  let asked = 0
  const made = session({
    refresh: async () => {
      asked++
      return left.shift() ?? 'refused'
    },
    nowMs: () => nowMs,
    alone: work => work(),
  })
  return {
    made,
    asked: () => asked,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('a token with time left is used as it is', async () => {
  const { made, asked, pass } = bench()
  made.begin(signedIn('first'))
  pass(860_000)
  expect(await made.token()).toBe('first')
  expect(asked()).toBe(0)
})

test('a token near its end is replaced before it is used', async () => {
  const { made, asked, pass } = bench(signedIn('second'))
  made.begin(signedIn('first'))
  pass(880_000)
  expect(await made.token()).toBe('second')
  expect(asked()).toBe(1)
})

test('however many ask at once, one refresh answers all', async () => {
  const { made, asked } = bench(signedIn('second'))
  made.begin(signedIn('first'))
  expect(await Promise.all(Array.from({ length: 20 }, () => made.replace('first')))).toEqual(
    new Array(20).fill('second'),
  )
  expect(asked()).toBe(1)
})

test('who was refused with an old token gets the new one without a refresh', async () => {
  const { made, asked } = bench()
  made.begin(signedIn('second'))
  expect(await made.replace('first')).toBe('second')
  expect(asked()).toBe(0)
})

test('a refused refresh signs out and is not tried again', async () => {
  const { made, asked } = bench('refused', signedIn('never'))
  made.begin(signedIn('first'))
  expect(await made.replace('first')).toBe(null)
  expect(made.state()).toEqual({ is: 'signed-out' })
  expect(await made.token()).toBe(null)
  expect(asked()).toBe(1)
})

test('a service that cannot be reached signs nobody out', async () => {
  const { made } = bench('unreachable', signedIn('second'))
  made.begin(signedIn('first'))
  expect(await made.replace('first')).toBe(null)
  expect(made.state().is).toBe('signed-in')
  expect(await made.replace('first')).toBe('second')
})

test('a refresh that brings the same person draws nothing anew', async () => {
  const { made } = bench({ ...signedIn('second'), user: { ...user } })
  made.begin(signedIn('first'))
  const before = made.state()
  await made.replace('first')
  expect((made.state() as { user: unknown }).user).toBe((before as { user: unknown }).user)
})

test('who is of all schools stays in the one that was chosen, over a refresh and until the session ends', async () => {
  const school = {
    id: '00000000-0000-4000-8000-000000000002',
    name: 'South',
    tenant: 'south',
    timeZone: 'Europe/Paris',
  }
  const all: SignedIn = { user: { ...user, role: 'super_admin' }, tokens: { accessToken: 'first', expiresInS: 900 } }
  const { made, pass } = bench({ ...all, tokens: { accessToken: 'second', expiresInS: 900 } })
  made.begin(all)
  expect(made.state()).toMatchObject({ user: { school: null } })
  made.choose(school)
  expect(made.state()).toMatchObject({ user: { school } })
  pass(890_000)
  expect(await made.token()).toBe('second')
  expect([made.chosen(), made.state()]).toMatchObject([school, { user: { school } }])
  made.end()
  expect(made.chosen()).toBeNull()
  // Somebody of one school signs in here next.
  made.choose(school)
  made.begin(signedIn('third'))
  expect(made.chosen()).toBeNull()
})
