import type { AccessFeed, AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AccessFeedPublisher, accessFeed } from './access-feed.ts'

type Frame = { topic: string; sequences: number[] }

let frames: Frame[]
let feed: AccessFeedPublisher

beforeEach(() => {
  vi.useFakeTimers()
  frames = []
  feed = accessFeed({
    say: (topic, payload) =>
      void frames.push({ topic, sequences: (JSON.parse(payload) as AccessFeed).lines.map(line => line.sequence) }),
  })
})
afterEach(() => {
  feed.stop()
  vi.useRealTimers()
})

const lines = (...sequences: number[]): AccessLine[] =>
  sequences.map(sequence => ({
    gateId: 'g',
    gateName: 'North',
    sequence,
    kind: 'granted',
    lane: 'in',
    laneName: 'Way in',
    direction: 'in',
    at: '2026-09-01T08:00:00.000Z',
    receivedAt: '2026-09-01T08:00:00.000Z',
    passId: null,
    holder: null,
    technology: null,
    refusal: null,
    objection: null,
    listVersion: 1,
  }))
const sent = () => frames.map(({ sequences }) => sequences)

test('a line after a quiet moment is sent at once', () => {
  feed.add('hillside', lines(1))
  expect(frames).toEqual([{ topic: 'feed/hillside/access', sequences: [1] }])
})

test('lines within 100 ms of a frame come together in the next', () => {
  feed.add('hillside', lines(1))
  feed.add('hillside', lines(2))
  feed.add('hillside', lines(3, 4))
  expect(sent()).toEqual([[1]])
  vi.advanceTimersByTime(100)
  expect(sent()).toEqual([[1], [2, 3, 4]])
})

test('there are never two frames within 100 ms', () => {
  for (let sequence = 1; sequence <= 50; sequence++) {
    feed.add('hillside', lines(sequence))
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(100)
  expect(frames).toHaveLength(6)
  expect(sent().flat()).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
})

test('after a quiet moment it is at once again', () => {
  feed.add('hillside', lines(1))
  vi.advanceTimersByTime(100)
  feed.add('hillside', lines(2))
  expect(sent()).toEqual([[1], [2]])
})

test('schools do not wait for each other and do not mix', () => {
  feed.add('hillside', lines(1))
  feed.add('lakeside', lines(2))
  expect(frames.map(({ topic }) => topic)).toEqual(['feed/hillside/access', 'feed/lakeside/access'])
})

test('of a day’s events at once the newest 200 are sent', () => {
  feed.add('hillside', lines(0))
  for (let at = 0; at < 20; at++) feed.add('hillside', lines(...Array.from({ length: 50 }, (_, i) => at * 50 + i + 1)))
  vi.advanceTimersByTime(100)
  expect(sent()[1]).toHaveLength(200)
  expect(sent()[1]!.at(-1)).toBe(1000)
})

test('stopping sends what waits', () => {
  feed.add('hillside', lines(1))
  feed.add('hillside', lines(2))
  feed.stop()
  expect(sent()).toEqual([[1], [2]])
})
