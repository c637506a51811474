import { describe, expect, test } from 'vitest'
import { concatAll } from '../bytes.ts'
import { lossesBetween, type Rows } from './losses.ts'
import { encodeCard, encodeDeviceKey, encodePass, type ListPass, NO_ROW_FLAGS } from './rows.ts'

const NOW_S = 1_000_000
const good: ListPass = {
  passId: '92ac63853fc0633b',
  notBeforeS: 1_000,
  expiresS: 2_000_000,
  groups: 0b101,
  status: 'active',
  class: 'student',
  profile: 0,
  flags: NO_ROW_FLAGS,
  minGeneration: 1,
}
const CARD = 'a1'.repeat(12)
const POINT = `02${'11'.repeat(32)}`

const rows = (passes: readonly ListPass[], cards: readonly [string, string][] = [], phones: readonly string[] = []) =>
  ({
    P: concatAll(passes.map(encodePass)),
    C: concatAll(cards.map(([cardKey, passId]) => encodeCard({ cardKey, passId }))),
    K: concatAll(phones.map(passId => encodeDeviceKey({ passId, point: POINT }))),
    N: new Uint8Array(),
  }) satisfies Rows

const kinds = (before: Rows, after: Rows) => lossesBetween(before, after, NOW_S).map(({ id, kind }) => `${id} ${kind}`)

describe('what a list takes away', () => {
  test.each<[string, Partial<ListPass>, Partial<ListPass> | null, string | null]>([
    ['nothing', {}, {}, null],
    ['a revocation', {}, { status: 'revoked' }, 'revoked'],
    ['a lost pass', {}, { status: 'lost' }, 'revoked'],
    ['a pass that is gone', {}, null, 'revoked'],
    ['a suspension', {}, { status: 'suspended' }, 'suspended'],
    ['an earlier end', {}, { expiresS: 1_500_000 }, 'narrowed'],
    ['a beginning that has not come yet', {}, { notBeforeS: NOW_S + 1 }, 'narrowed'],
    ['another beginning that is over', {}, { notBeforeS: NOW_S - 1 }, null],
    ['a group less', {}, { groups: 0b100 }, 'narrowed'],
    ['a group more', {}, { groups: 0b111 }, null],
    ['a group set in the place of groups', {}, { groups: 0x80000001 }, 'narrowed'],
    ['hours', {}, { profile: 3 }, 'narrowed'],
    ['hours no more', { profile: 3 }, { profile: 0 }, null],
    ['other hours', { profile: 3 }, { profile: 4 }, 'narrowed'],
    ['printed codes no more', {}, { flags: { ...NO_ROW_FLAGS, dynamicOnly: true } }, 'narrowed'],
    ['an escort', {}, { flags: { ...NO_ROW_FLAGS, escort: true } }, 'narrowed'],
    ['a longer opening', {}, { flags: { ...NO_ROW_FLAGS, longerOpening: true } }, null],
    ['older certificates, for another phone was bound', {}, { minGeneration: 2 }, null],
    ['a later end', {}, { expiresS: 3_000_000 }, null],
    ['a pass that was revoked before', { status: 'revoked' }, null, null],
    ['a pass that had run out', { expiresS: NOW_S }, null, null],
    ['a suspended pass, for good', { status: 'suspended' }, { status: 'revoked' }, null],
  ])('%s', (_what, was, is, kind) => {
    const before = rows([{ ...good, ...was }])
    const after = rows(is === null ? [] : [{ ...good, ...was, ...is }])
    expect(kinds(before, after)).toEqual(kind === null ? [] : [`P ${good.passId} ${kind}`])
  })

  test('a pass that is new takes nothing', () => {
    expect(kinds(rows([]), rows([good]))).toEqual([])
  })

  test('a card that is gone, or another’s, is lost to its pass; a phone that is gone too', () => {
    const other = { ...good, passId: 'a2ac63853fc0633b' }
    const before = rows([good, other], [[CARD, good.passId]], [good.passId])
    expect(kinds(before, rows([good, other]))).toEqual([`C ${CARD} credential`, `K ${good.passId} credential`])
    const moved = rows([good, other], [[CARD, other.passId]], [good.passId])
    expect(kinds(before, moved)).toEqual([`C ${CARD} credential`])
  })

  test('the card of a pass that opened nothing is no loss', () => {
    const revoked = { ...good, status: 'revoked' } as const
    expect(kinds(rows([revoked], [[CARD, good.passId]]), rows([revoked]))).toEqual([])
  })
})
