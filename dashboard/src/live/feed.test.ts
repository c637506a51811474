import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FeedState, type Opened, watchFeed } from './feed.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A broker whose answers the test gives; it writes down what happened, in order. */
function bench(answers: readonly Exclude<Opened, object>[] = [], tokenLastsMs = 900_000) {
  const left = [...answers]
  const happened: string[] = []
  const cuts: (() => void)[] = []
  const stop = new AbortController()
  let tokens = 0
  let expiresAtMs = 0

  const watching = watchFeed(
    {
      open: async token => {
        const answer = left.shift()
        happened.push(`open ${token}${answer ? `: ${answer}` : ''}`)
        if (answer) return answer
        const { promise: closed, resolve } = Promise.withResolvers<void>()
        cuts.push(resolve)
        return { closed, end: () => happened.push(`end ${token}`) }
      },
      token: async rejected => {
        if (rejected !== null) happened.push(`replace ${rejected}`)
        expiresAtMs = Date.now() + tokenLastsMs
        return `t${++tokens}`
      },
      expiresAtMs: () => expiresAtMs,
      onState: (state: FeedState) => happened.push(state),
    },
    stop.signal,
  )
  return { happened, watching, stop, cut: () => cuts.at(-1)?.() }
}

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

test('a connection that stands is live', async () => {
  const { happened } = bench()
  await settle()
  expect(happened).toEqual(['connecting', 'open t1', 'live'])
})

test('a lost connection is said, and tried again at once with a token asked for anew', async () => {
  const { happened, cut } = bench()
  await settle(10_000)
  cut()
  await settle()
  expect(happened.slice(3)).toEqual(['end t1', 'reconnecting', 'open t2', 'live'])
})

test('a broker that takes and drops is not asked in a circle', async () => {
  const { happened, cut } = bench()
  for (let drops = 0; drops < 50; drops++) {
    await settle(10)
    cut()
  }
  expect(happened.filter(each => each.startsWith('open'))).toEqual(['open t1'])
  await settle(5_000)
  expect(happened.at(-1)).toBe('live')
})

test('a broker that is away is tried again and again, ever more seldom', async () => {
  const { happened } = bench(new Array(6).fill('failed'))
  await settle()
  expect(happened).toEqual(['connecting', 'open t1: failed', 'reconnecting'])
  await settle(60_000)
  expect(happened.filter(each => each.endsWith('failed'))).toHaveLength(6)
  expect(happened.slice(-2)).toEqual(['open t7', 'live'])
})

test('the browser’s word that the network is back ends the wait', async () => {
  const { happened } = bench(new Array(5).fill('failed'))
  await settle()
  for (let tries = 0; tries < 5; tries++) {
    window.dispatchEvent(new Event('online'))
    await settle()
  }
  expect(happened.at(-1)).toBe('live')
})

test('a rejected token is replaced, not shown again', async () => {
  const { happened } = bench(['token-rejected'])
  await settle(2_000)
  expect(happened).toEqual(['connecting', 'open t1: token-rejected', 'reconnecting', 'replace t1', 'open t2', 'live'])
})

test('a refused subscription is the end: asking again would not change it', async () => {
  const { happened, watching } = bench(['refused'])
  await watching
  await settle(60_000)
  expect(happened).toEqual(['connecting', 'open t1: refused', 'refused'])
})

test('before the token ends a new connection stands, and only then the old one goes: nothing is missed or said', async () => {
  const { happened } = bench([], 900_000)
  await settle(881_000)
  expect(happened).toEqual(['connecting', 'open t1', 'live', 'open t2', 'end t1', 'live'])
})

test('who leaves the page leaves no connection behind', async () => {
  const { happened, watching, stop } = bench()
  await settle()
  stop.abort()
  await watching
  expect(happened.at(-1)).toBe('end t1')
})

test('who leaves while it waits for the broker is not brought back', async () => {
  const { happened, watching, stop } = bench(['failed'])
  await settle()
  stop.abort()
  await watching
  await settle(60_000)
  expect(happened).toEqual(['connecting', 'open t1: failed', 'reconnecting'])
})
