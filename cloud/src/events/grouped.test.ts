import { expect, test } from 'vitest'
import { type Grouped, grouped } from './grouped.ts'

type Item = { readonly key: string; readonly lane: string; readonly number: number; readonly weight: number }

/** Work that a test lets go on by hand. */
function bench() {
  const started: Item[][] = []
  const problems: string[] = []
  const going: (() => void)[] = []
  const failing: ((error: Error) => void)[] = []
  let tell: (() => void) | null = null
  const queue: Grouped<Item> = grouped<Item>({
    weightOf: item => item.weight,
    laneOf: item => item.lane,
    keyOf: item => item.key,
    work: group => {
      started.push([...group])
      tell?.()
      return new Promise((resolve, reject) => {
        going.push(resolve)
        failing.push(reject)
      })
    },
    onProblem: error => problems.push(error.message),
  })
  return {
    queue,
    started,
    problems,
    finish: (at: number) => going[at]!(),
    fail: (at: number) => failing[at]!(new Error('no database')),
    async has(groups: number) {
      while (started.length < groups) await new Promise<void>(resolve => (tell = resolve))
    },
  }
}

let numbers = 0
const item = (key: string, weight = 1, lane = 'hillside'): Item => ({ key, lane, weight, number: ++numbers })

test('what comes within 20 ms is one piece of work', async () => {
  const { queue, started, has, finish } = bench()
  const items = [item('a'), item('b'), item('c')]
  for (const each of items) await queue.offer(each)
  await has(1)
  expect(started).toEqual([items])
  finish(0)
  await queue.stop()
})

test('500 events do not wait for others', async () => {
  const { queue, started } = bench()
  await queue.offer(item('a', 500))
  expect(started).toHaveLength(1)
})

test('no group is heavier than 500', async () => {
  const { queue, started, has } = bench()
  for (const key of ['a', 'b', 'c']) await queue.offer(item(key, 240))
  await has(2)
  expect(started.map(group => group.map(({ key }) => key))).toEqual([['a', 'b'], ['c']])
})

test('schools are not mixed in one transaction', async () => {
  const { queue, started, has } = bench()
  await queue.offer(item('a', 1, 'hillside'))
  await queue.offer(item('b', 1, 'lakeside'))
  await queue.offer(item('c', 1, 'hillside'))
  await has(2)
  expect(started.map(group => group.map(({ key }) => key))).toEqual([['a', 'c'], ['b']])
})

test('two pieces of work at once and no third', async () => {
  const { queue, started, has, finish } = bench()
  for (const key of ['a', 'b', 'c']) await queue.offer(item(key, 500))
  expect(started).toHaveLength(2)
  finish(0)
  await has(3)
})

test('what a gate said later waits for what it said before', async () => {
  const { queue, started, has, finish } = bench()
  await queue.offer(item('a', 500))
  await queue.offer(item('a', 500))
  await queue.offer(item('b', 500))
  expect(started.map(group => group.map(({ key }) => key))).toEqual([['a'], ['b']])
  finish(0)
  await has(3)
  expect(started[2]!.map(({ key }) => key)).toEqual(['a'])
})

test('work that fails is told, and the next goes on', async () => {
  const { queue, has, fail, finish, problems } = bench()
  await queue.offer(item('a', 500))
  await queue.offer(item('a', 500))
  fail(0)
  await has(2)
  expect(problems).toEqual(['no database'])
  finish(1)
  await queue.stop()
})

test('whoever offers the 65th waiting batch is held back until there is room', async () => {
  const { queue, started, has, finish } = bench()
  // Two in work, 64 waiting.
  for (let at = 0; at < 66; at++) await queue.offer(item(`gate ${at}`, 500))
  let taken = false
  const held = queue.offer(item('late', 500)).then(() => {
    taken = true
  })
  await Promise.resolve()
  expect(taken).toBe(false)
  finish(0)
  await held
  await has(3)
  expect(started).toHaveLength(3)
})

test('stopping finishes what was taken', async () => {
  const { queue, started, has, finish } = bench()
  await queue.offer(item('a'))
  const stopped = queue.stop()
  await has(1)
  finish(0)
  await stopped
  expect(started).toHaveLength(1)
})
