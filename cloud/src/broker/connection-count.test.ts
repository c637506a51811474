import { expect, test } from 'vitest'
import { connectionCount } from './connection-count.ts'

const limits = { perAddressMax: 3, unacceptedMax: 2 }

test('an address has so many places for those that have not shown who they are', () => {
  const connections = connectionCount(limits)
  const first = connections.enter('a')
  connections.enter('a')
  expect(connections.enter('a')).toBeNull()
  expect(connections.enter('b')).not.toBeNull()
  first!.accepted()
  expect(connections.enter('a')).not.toBeNull()
})

test('and so many altogether', () => {
  const connections = connectionCount(limits)
  for (let at = 0; at < 3; at++) connections.enter('a')!.accepted()
  expect(connections.enter('a')).toBeNull()
})

test('a place is free again when it was left, and once only', () => {
  const connections = connectionCount(limits)
  const [first, second] = [connections.enter('a')!, connections.enter('a')!]
  first.leave()
  first.leave()
  expect(connections.enter('a')).not.toBeNull()
  expect(connections.enter('a')).toBeNull()
  second.leave()
  expect(connections.enter('a')).not.toBeNull()
})
