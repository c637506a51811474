import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodePass } from '@gatehouse/shared/list/rows.ts'
import { fail } from '@gatehouse/shared/result.ts'
import { describe, expect, test } from 'vitest'
import type { Credential } from './ports.ts'
import { card, cards, code, journalFiller, LISTED, oneLane, type Setup, school } from './testing/one-lane.ts'
import { NOW_S, passRow } from './testing/school.ts'

describe('a lane', () => {
  test('a listed card is granted, and the event is durable before the door is released', async () => {
    const { present, releases } = await oneLane()
    expect(await present(LISTED)).toMatchObject({
      kind: 'granted',
      lane: 'main',
      passId: passRow().passId,
      credential: { technology: 'em4100', fingerprint: cards[0]![0], proof: 'proven' },
      decision: { ground: 'list' },
      listVersion: 1,
      trustedTimeMs: NOW_S * 1000,
      clockQuality: 'unconfirmed',
      details: { reader: 'reader' },
    })
    expect(releases).toEqual([['granted']])
  })

  test.each<[string, Setup, Credential, string, string | undefined]>([
    ['an unknown card', {}, card('0000000001'), 'unknown_pass', undefined],
    ['a card at a gate without a list', { list: null }, LISTED, 'unknown_pass', undefined],
    ['a revoked pass', { list: { passes: [passRow({ status: 'revoked' })] } }, LISTED, 'revoked', passRow().passId],
    ['a lost pass', { list: { passes: [passRow({ status: 'lost' })] } }, LISTED, 'revoked', passRow().passId],
    ['an expired pass', { list: { passes: [passRow({ expiresS: NOW_S })] } }, LISTED, 'expired', passRow().passId],
    ['another group', { list: { passes: [passRow({ groups: 2 })] } }, LISTED, 'wrong_gate', passRow().passId],
    ['a code that is none', {}, code('hello'), 'malformed', undefined],
    ['a code cut short', {}, code(school.pass().slice(1)), 'malformed', undefined],
    ['a pass of a key we do not have', {}, code(school.pass({ kid: 9 })), 'unknown_key', passRow().passId],
    [
      'a forged pass',
      {},
      code(school.pass({}, generateKeyPairSync('ed25519').privateKey)),
      'bad_signature',
      passRow().passId,
    ],
    [
      'a code whose pass was revoked',
      { list: { passes: [passRow({ status: 'revoked' })] } },
      code(school.pass()),
      'revoked',
      passRow().passId,
    ],
    [
      'an older issue',
      { list: { passes: [passRow({ minGeneration: 2 })] } },
      code(school.pass()),
      'superseded',
      passRow().passId,
    ],
    ['a code the list has forgotten', { list: { passes: [] } }, code(school.pass()), 'unknown_pass', passRow().passId],
    ['a code that has run out', {}, code(school.pass({ expiresS: NOW_S })), 'expired', passRow().passId],
    [
      'a pass outside its hours',
      {
        list: {
          passes: [passRow({ profile: 1 })],
          policy: {
            newerThanList: 'open',
            profiles: {
              1: { name: 'Morning', windows: [{ day: 2, fromMinute: 0, untilMinute: 600 }], onHolidays: [] },
            },
          },
        },
      },
      LISTED,
      'outside_hours',
      passRow().passId,
    ],
  ])('%s is refused, with the word, and nothing opens', async (_fault, setup, credential, refusal, passId) => {
    const { present, releases } = await oneLane(setup)
    const event = await present(credential)
    expect(event).toMatchObject({ kind: 'refused', decision: { refusal } })
    expect(event?.passId).toBe(passId)
    expect(releases).toEqual([])
  })

  test('a signed pass newer than the list opens on its signature', async () => {
    const { present, releases } = await oneLane({ list: { passes: [] } })
    expect(await present(code(school.pass({ serial: 101 })))).toMatchObject({
      kind: 'granted',
      credential: { technology: 'ghp1', proof: 'proven' },
      decision: { ground: 'signature' },
    })
    expect(releases).toHaveLength(1)
  })

  test('what was not proven says so', async () => {
    const { present } = await oneLane()
    expect((await present(code('hello')))?.credential).toEqual({ technology: 'qr', proof: 'claimed' })
    expect((await present(code(school.pass({ kid: 9 }))))?.credential).toMatchObject({
      technology: 'ghp1',
      proof: 'claimed',
      code: { type: 'static', found: 'unknown_key' },
    })
  })

  test('leaving is not refused, and the event keeps the objection', async () => {
    const { present, releases } = await oneLane({ direction: 'out' })
    expect(await present(card('0000000001'))).toMatchObject({
      kind: 'granted',
      decision: { ground: 'leaving', objection: 'unknown_pass' },
    })
    expect(releases).toHaveLength(1)
  })

  test('a door that does not open after a grant is an alarm', async () => {
    const { present } = await oneLane({ door: fail('no_answer') })
    expect(await present(LISTED)).toMatchObject({
      kind: 'alarm',
      lane: 'main',
      details: { problem: 'door', failure: 'no_answer' },
    })
  })

  test.each([
    ['no record, no entry', 'in', 0],
    ['nobody is kept in by a full disk', 'out', 1],
  ] as const)('%s', async (_rule, direction, opened) => {
    const { present, releases, journal, log, clock } = await oneLane({ direction, pagesMax: 16 })
    while (journal.append(journalFiller).ok) clock.advance(1)
    const before = journal.highest()
    await present(LISTED)
    expect(releases).toHaveLength(opened)
    expect(journal.highest()).toBe(before)
    expect(log.entries.join()).toContain('the journal is full: make room on the disk')

    journal.acknowledge(before, journal.after(before - 1, 1)[0]!.hash)
    await present(LISTED)
    expect(journal.after(before, 10).map(({ record }) => [record.kind, record.details?.unwritten])).toEqual([
      ['alarm', 1],
      ['granted', undefined],
    ])
  })

  test('two readers at the same moment are two events, one after the other', async () => {
    const { lane: built, journal, releases } = await oneLane()
    await Promise.all([
      built.attempt({ readerId: 'card', credential: LISTED, atMs: 0 }),
      built.attempt({ readerId: 'qr', credential: code(school.pass()), atMs: 0 }),
    ])
    expect(journal.after(0, 10).map(({ record }) => record.details?.reader)).toEqual(['card', 'qr'])
    expect(releases).toEqual([['granted'], ['granted', 'granted']])
  })

  test('noise is one event a second and a count, and a pass among it is read', async () => {
    const { present, clock, journal, releases } = await oneLane()
    for (let line = 0; line < 50; line++) await present(code(`noise ${line}`))
    await present(LISTED)
    clock.advance(1_000)
    await present(code('noise'))
    expect(journal.after(0, 100).map(({ record }) => [record.kind, record.details?.more])).toEqual([
      ['refused', undefined],
      ['granted', undefined],
      ['refused', 49],
    ])
    expect(releases).toHaveLength(1)
  })

  test('damaged rows are made anew from the signed list before anything is decided', async () => {
    const { present, folder, store } = await oneLane()
    store.close()
    const listFolder = join(folder, 'list')
    const path = join(listFolder, readdirSync(listFolder).find(file => !file.endsWith('.json'))!, 'rows.db')
    const bytes = readFileSync(path)
    bytes[bytes.indexOf(encodePass(passRow())) + 25]! ^= 1
    for (const part of ['-wal', '-shm']) if (existsSync(path + part)) writeFileSync(path + part, '')
    writeFileSync(path, bytes)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted', decision: { ground: 'list' } })
  })

  test('no card number and no code is logged or recorded', async () => {
    const { present, log, journal } = await oneLane()
    const digits = school.pass()
    await present(LISTED)
    await present(code(digits))
    await present(code('secret words'))
    const said = JSON.stringify([log.entries, journal.after(0, 10)]).toLowerCase()
    for (const text of ['01000734e0', digits.slice(0, 20), 'secret words']) expect(said).not.toContain(text)
  })
})
