import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn, type Watch, watch } from './session.ts'

/** What somebody has open when their access ends: the feed is cut, the next request refused. */

const UP_MS_MAX = 120_000
/** Of the contract: connections are closed within 5 s, requests refused within 2 s. */
const CUT_MS_MAX = 5_000
const REFUSED_MS_MAX = 2_000

let place: Ground
let campus: Campus
let admin: Session
beforeAll(async () => {
  place = await ground()
  campus = await startCampus(place)
  admin = await signIn(campus.url, campus.account('school_admin'))
}, UP_MS_MAX)
afterAll(async () => {
  if (campus) await stop(campus.process)
  clear(place)
})

/** Somebody of the demo, signed in and watching. */
async function watching(role: 'staff' | 'security' | 'school_admin') {
  const account = campus.account(role)
  const session = await signIn(campus.url, account)
  const feed: Watch = await watch(campus.url, session)
  const state = { isOpen: true }
  feed.client.once('close', () => {
    state.isOpen = false
  })
  const found = await admin.call<{ id: string }[]>('GET', `/users?search=${encodeURIComponent(account.email)}`)
  return { session, feed, state, id: found.data![0]!.id }
}

for (const [what, role, change] of [
  ['a deactivation', 'staff', { active: false }],
  ['another role', 'security', { role: 'staff' }],
] as const) {
  test(`${what} cuts the open feed and refuses the next request, and nobody else notices`, {
    timeout: UP_MS_MAX,
  }, async () => {
    const somebody = await watching(role)
    const other = await watching('school_admin')
    expect((await somebody.session.call('GET', '/auth/me')).status).toBe(200)

    expect((await admin.call('PATCH', `/users/${somebody.id}`, change)).status).toBe(200)
    await expect
      .poll(async () => (await somebody.session.call('GET', '/auth/me')).status, { timeout: REFUSED_MS_MAX })
      .toBe(401)
    await expect.poll(() => somebody.state.isOpen, { timeout: CUT_MS_MAX }).toBe(false)
    // The old token opens no new feed either.
    await expect(watch(campus.url, somebody.session)).rejects.toThrow()

    expect(other.state.isOpen).toBe(true)
    expect((await other.session.call('GET', '/auth/me')).status).toBe(200)
    await other.feed.end()
  })
}
