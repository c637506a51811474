import { expect, test } from 'vitest'
import { sayStanding, standingOf } from './standing.ts'

const point = `02${'ab'.repeat(32)}`
const other = `03${'cd'.repeat(32)}`
const device = { point, certificate: '', boundAt: '2026-09-01T00:00:00Z' }
const pass = { status: 'active' as const, expires: '2027-01-01T00:00:00Z', device }
const here = { secure: true, nowMs: Date.parse('2026-11-25T00:00:00Z') }

test.each([
  ['the bound phone shows codes', pass, { point }, here, 'ready'],
  ['a pass without a phone can be bound', { ...pass, device: null }, undefined, here, 'unbound'],
  [
    'a key that is kept for a pass without a phone counts for nothing',
    { ...pass, device: null },
    { point },
    here,
    'unbound',
  ],
  ['a phone without its key is told so', pass, undefined, here, 'lost'],
  ['a phone that another one followed is told so', pass, { point: other }, here, 'elsewhere'],
  ['without https no key is made', pass, undefined, { ...here, secure: false }, 'insecure'],
  ['a revoked pass is bound to nothing', { ...pass, status: 'revoked' as const }, { point }, here, 'stopped'],
  ['nor is one whose time is over', { ...pass, expires: '2026-11-25T00:00:00Z' }, { point }, here, 'stopped'],
] as const)('%s', (_rule, of, kept, where, standing) => {
  expect(standingOf(of, kept, where)).toBe(standing)
})

test('each sentence says the way to bind anew', () => {
  for (const standing of ['unbound', 'lost', 'elsewhere', 'insecure'] as const)
    expect(sayStanding(standing, 'gates.example')).toMatch(/bind/i)
  expect(sayStanding('insecure', 'gates.example')).toContain('https://gates.example/my')
})
