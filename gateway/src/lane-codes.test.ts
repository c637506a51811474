import { codeOf, testPhone } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { describe, expect, test } from 'vitest'
import { code, journalFiller, made, oneLane } from './testing/one-lane.ts'
import { NOW_S, passRow } from './testing/school.ts'

describe('moving codes', () => {
  const kinds = Object.entries(codeOf).filter(([type]) => type !== 'static')

  test.each(kinds)('%s opens once, and the event says what was found', async (type, make) => {
    const { present, releases, clock } = await oneLane()
    const digits = make(made())
    expect(await present(code(digits))).toMatchObject({
      kind: 'granted',
      passId: passRow().passId,
      decision: { ground: 'list' },
      credential: { technology: 'ghp1', proof: 'proven', code: { type, timeS: NOW_S, held: 'good', replayed: 0 } },
    })
    clock.advance(4_000)
    expect(await present(code(digits))).toMatchObject({
      kind: 'refused',
      decision: { refusal: 'replayed' },
      credential: { proof: 'proven', code: { held: 'good', replayed: 1 } },
    })
    expect(releases).toHaveLength(1)
  })

  test.each(kinds)('%s: a screenshot is dead after 45 seconds, and nothing it says is proven', async (type, make) => {
    const { present, clock } = await oneLane()
    const digits = make(made())
    clock.advance(46_000)
    const event = await present(code(digits))
    expect(event).toMatchObject({ decision: { refusal: 'stale_proof' }, credential: { proof: 'claimed' } })
    expect(event?.credential?.code).toMatchObject({ type, timeS: NOW_S, held: 'none' })
  })

  test('what opened before a restart does not open after it', async () => {
    const first = await oneLane()
    const digits = codeOf.dynamic(made())
    expect(await first.present(code(digits))).toMatchObject({ kind: 'granted' })
    first.journal.close()
    first.store.close()
    const second = await oneLane({ folder: first.folder })
    expect(await second.present(code(digits))).toMatchObject({ decision: { refusal: 'replayed' } })
    expect(await second.present(code(codeOf.dynamic(made({ tS: NOW_S + 1 }))))).toMatchObject({ kind: 'granted' })
  })

  test('at two lanes of a gate at once it opens one', async () => {
    const { lane: built, build, journal } = await oneLane()
    const scan = { readerId: 'qr', credential: code(codeOf.reference(made())), atMs: 0 }
    await Promise.all([built.attempt(scan), build('other').attempt(scan)])
    expect(journal.after(0, 10).map(({ record }) => [record.lane, record.decision])).toEqual([
      ['main', { ground: 'list' }],
      ['other', { refusal: 'replayed' }],
    ])
  })

  test('a forger cannot use up somebody’s code: what is only claimed moves no memory', async () => {
    const { present, journal } = await oneLane({ direction: 'out' })
    const forged = codeOf.reference(made({ phone: testPhone('device-2'), tS: NOW_S + 15 }))
    expect(await present(code(forged))).toMatchObject({ decision: { ground: 'leaving', objection: 'bad_proof' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
    expect(await present(code(codeOf.reference(made())))).toMatchObject({ decision: { ground: 'list' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(NOW_S)
  })

  test('a refusal does not use a code up: with its hours it opens', async () => {
    const { present, journal } = await oneLane({ list: { passes: [passRow({ groups: 2 })] } })
    expect(await present(code(codeOf.dynamic(made())))).toMatchObject({ decision: { refusal: 'wrong_gate' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
  })

  test('an event that does not fit leaves the code unused', async () => {
    const { present, journal, releases } = await oneLane({ pagesMax: 20 })
    while (journal.append(journalFiller).ok);
    await present(code(codeOf.dynamic(made())))
    expect(releases).toEqual([])
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
  })

  test('a wallet without the secret of its site, a phone that the list does not know', async () => {
    const { present } = await oneLane({ totpSecret: null, deviceKey: null })
    expect(await present(code(codeOf.totp(made())))).toMatchObject({ decision: { refusal: 'needs_secret' } })
    expect(await present(code(codeOf.reference(made())))).toMatchObject({ decision: { refusal: 'bad_proof' } })
    expect(await present(code(codeOf.dynamic(made())))).toMatchObject({ kind: 'granted' })
  })
})

test('who leaves on a code that only claims a pass is nobody’s passage', async () => {
  const { present, grants, clock, journal } = await oneLane({ direction: 'out' })
  const digits = codeOf.dynamic(made())
  clock.advance(46_000)
  expect(await present(code(digits))).toMatchObject({ kind: 'granted', credential: { proof: 'claimed' } })
  expect(grants).toEqual([{ sequence: journal.highest(), passId: null }])
})
