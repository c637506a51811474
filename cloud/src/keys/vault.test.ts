import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openVault, type Place } from './vault.ts'

const vault = openVault(Buffer.alloc(32, 7))
const place: Place = { tenant: 'hillside', table: 'credentials', column: 'sealed_bits', row: '1' }
const secret = Buffer.from('01000734e0', 'hex')

test('what was sealed opens in its place', () => {
  expect(vault.open(place, vault.seal(place, secret))).toEqual(secret)
})

for (const part of ['tenant', 'table', 'column', 'row'] as const) {
  test(`a value moved to another ${part} does not open`, () => {
    const sealed = vault.seal(place, secret)
    expect(() => vault.open({ ...place, [part]: 'other' }, sealed)).toThrow()
  })
}

test('a changed bit is noticed', () => {
  const sealed = vault.seal(place, secret)
  const [version, key, iv, body] = sealed.split('.')
  const bytes = Buffer.from(body!, 'base64url')
  bytes[0]! ^= 1
  expect(() => vault.open(place, [version, key, iv, bytes.toString('base64url')].join('.'))).toThrow()
})

test('the same value twice does not look the same', () => {
  expect(vault.seal(place, secret)).not.toBe(vault.seal(place, secret))
})

test('another master key says so', () => {
  const other = openVault(randomBytes(32))
  expect(() => other.open(place, vault.seal(place, secret))).toThrow('sealed with another master key')
})

test('the blind index finds the same value in one school and not in another', () => {
  const { row: _, ...column } = place
  expect(vault.blindIndex(column, secret)).toBe(vault.blindIndex(column, secret))
  expect(vault.blindIndex(column, secret)).not.toBe(vault.blindIndex({ ...column, tenant: 'other' }, secret))
})
