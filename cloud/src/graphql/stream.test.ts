import { expect, test } from 'vitest'
import { eachOf, openStream } from './stream.ts'

const OVER = { done: true, value: undefined }

test('what is pushed is read in its order, before it is asked for and after', async () => {
  const stream = openStream<number>(() => {})
  stream.push(1)
  stream.push(2)
  expect([await stream.next(), await stream.next()]).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ])
  const third = stream.next()
  stream.push(3)
  expect(await third).toEqual({ done: false, value: 3 })
})

test('ending says what waits first, and lets a reader that waits go', async () => {
  let ended = 0
  const stream = openStream<number>(() => ended++)
  stream.push(1)
  stream.end()
  stream.push(2)
  expect([await stream.next(), await stream.next(), ended]).toEqual([{ done: false, value: 1 }, OVER, 1])
  const other = openStream<number>(() => {})
  const waiting = other.next()
  other.end()
  expect(await waiting).toEqual(OVER)
})

test('a reader who goes frees the listener once, and is told nothing any more', async () => {
  let ended = 0
  const stream = openStream<number>(() => ended++)
  const waiting = stream.next()
  stream.push(1)
  stream.push(2)
  expect(await waiting).toEqual({ done: false, value: 1 })
  await stream.return()
  await stream.return()
  expect([await stream.next(), ended]).toEqual([OVER, 1])
})

test('who does not read is ended with a reason, and what waited is let go', async () => {
  let ended = 0
  const stream = openStream<number>(() => ended++)
  for (let at = 0; at < 1_001; at++) stream.push(at)
  expect(ended).toBe(1)
  await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'too_slow' } })
  expect(await stream.next()).toEqual(OVER)
})

test('a thousand may wait', async () => {
  const stream = openStream<number>(() => {})
  for (let at = 0; at < 1_000; at++) stream.push(at)
  expect(await stream.next()).toEqual({ done: false, value: 0 })
})

test('what becomes of each value is read, null is passed over', async () => {
  const stream = openStream<number>(() => {})
  const doubled = eachOf(stream, async value => (value === 2 ? null : value * 2))
  for (const value of [1, 2, 3]) stream.push(value)
  stream.end()
  expect(await Array.fromAsync(doubled)).toEqual([2, 6])
})
