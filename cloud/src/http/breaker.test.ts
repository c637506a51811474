import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Breakers, openBreakers, ServiceAway, ServiceSlow } from './breaker.ts'

let breakers: Breakers
let turned: string[]
beforeEach(() => {
  vi.useFakeTimers()
  turned = []
  breakers = openBreakers({ onTurned: (name, state) => turned.push(`${name} ${state}`) })
})
afterEach(() => {
  breakers.close()
  vi.useRealTimers()
})

const options = { timeoutMs: 1_000 }
const good = async () => 'answer'
const bad = async () => {
  throw new Error('no answer')
}

/** What came of each of the calls, one after another. */
async function outcomes(...calls: (() => Promise<string>)[]): Promise<string[]> {
  const came: string[] = []
  for (const call of calls) {
    came.push(await breakers.guarded('smtp', options, call).catch((problem: Error) => problem.name))
  }
  return came
}
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)

test('nine failures do not open it, the tenth does, and then nobody calls', async () => {
  await outcomes(...times(9, bad))
  expect(breakers.states().get('smtp')).toBe('closed')
  await outcomes(bad)
  expect(breakers.states().get('smtp')).toBe('open')
  let called = 0
  expect(await outcomes(...times(3, async () => `${++called}`))).toEqual(times(3, 'ServiceAway'))
  expect(called).toBe(0)
})

for (const [failed, state] of [
  [4, 'closed'],
  [5, 'open'],
] as const) {
  test(`${failed} failed of ten leave it ${state}`, async () => {
    await outcomes(...times(10 - failed, good), ...times(failed, bad))
    expect(breakers.states().get('smtp')).toBe(state)
  })
}

test('failures of longer than ten seconds ago are forgotten', async () => {
  await outcomes(...times(9, bad))
  await vi.advanceTimersByTimeAsync(11_000)
  await outcomes(...times(5, bad))
  expect(breakers.states().get('smtp')).toBe('closed')
})

test('after half a minute it tries one at a time, and closes after three good answers', async () => {
  await outcomes(...times(10, bad))
  await vi.advanceTimersByTimeAsync(29_000)
  expect(await outcomes(good)).toEqual(['ServiceAway'])
  await vi.advanceTimersByTimeAsync(1_100)

  let answer: (words: string) => void = () => {}
  const first = breakers.guarded('smtp', options, () => new Promise<string>(resolve => (answer = resolve)))
  expect(await outcomes(good, good)).toEqual(['ServiceAway', 'ServiceAway'])
  answer('first')
  expect(await first).toBe('first')

  expect(breakers.states().get('smtp')).toBe('half_open')
  await outcomes(good)
  expect(breakers.states().get('smtp')).toBe('half_open')
  await outcomes(good)
  expect(breakers.states().get('smtp')).toBe('closed')
  expect(turned).toEqual(['smtp open', 'smtp half_open', 'smtp closed'])
})

test('a bad try opens it for another half minute, and the good ones before it count no more', async () => {
  await outcomes(...times(10, bad))
  await vi.advanceTimersByTimeAsync(30_100)
  expect(await outcomes(good, good, bad, good)).toEqual(['answer', 'answer', 'Error', 'ServiceAway'])
  await vi.advanceTimersByTimeAsync(30_100)
  await outcomes(good, good)
  expect(breakers.states().get('smtp')).toBe('half_open')
})

test('a call that takes too long is stopped and has failed', async () => {
  let stopped: unknown = null
  const slow = breakers.guarded('smtp', options, signal => {
    signal.addEventListener('abort', () => (stopped = signal.reason))
    return new Promise(() => {})
  })
  const came: Promise<Error> = slow.then(
    () => new Error('it answered'),
    problem => problem,
  )
  await vi.advanceTimersByTimeAsync(1_001)
  expect(await came).toBeInstanceOf(ServiceSlow)
  expect((await came).message).toBe('smtp did not answer within 1000 ms.')
  expect(stopped).toBeInstanceOf(ServiceSlow)
})

test('an answer that says no is passed on and is no failure', async () => {
  const refused = new Error('550 no such mailbox')
  for (let time = 0; time < 20; time++) {
    const call = breakers.guarded('smtp', { ...options, isFailure: problem => problem !== refused }, async () => {
      throw refused
    })
    await expect(call).rejects.toBe(refused)
  }
  expect(breakers.states().get('smtp')).toBe('closed')
})

test('one service away is not another', async () => {
  await outcomes(...times(10, bad))
  expect(await breakers.guarded('oidc login.example.org', options, good)).toBe('answer')
  await expect(breakers.guarded('smtp', options, good)).rejects.toThrow(
    'smtp fails too often and is left alone for 30 s. Try again after that.',
  )
  await expect(breakers.guarded('smtp', options, good)).rejects.toBeInstanceOf(ServiceAway)
})

test('a call that throws before it waits has failed like any other', async () => {
  const throws = () => {
    throw new TypeError('not even begun')
  }
  await expect(breakers.guarded('smtp', options, throws)).rejects.toThrow('not even begun')
})

test('five hundred services are remembered, those used last', async () => {
  for (let at = 0; at < 501; at++) await breakers.guarded(`school ${at}`, options, good)
  expect(breakers.states().size).toBe(500)
  expect(breakers.states().has('school 0')).toBe(false)
})
