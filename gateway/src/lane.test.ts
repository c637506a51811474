import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import { encodePass } from '@gatehouse/shared/list/rows.ts'
import { codeOf, type Made, PHONE, SITE_SECRET, testPhone } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { describe, expect, test } from 'vitest'
import { cardKeyOf } from './core/card-key.ts'
import { groupBits, laneOf } from './lane.ts'
import { keepList } from './list/list-keeper.ts'
import { trustIn } from './list/trust.ts'
import type { Clock, Credential, DoorFailure } from './ports.ts'
import { recorderOn } from './recorder.ts'
import { openJournal } from './store/journal.ts'
import { openListStore } from './store/list-store.ts'
import { handClock } from './testing/hand-clock.ts'
import { memoryLog } from './testing/memory-log.ts'
import { NOW_S, passRow, type TestListChange, testSchool } from './testing/school.ts'
import { tempFolder } from './testing/temp-folder.ts'

const school = testSchool()
const secret = Buffer.alloc(32, 7)
const card = (bits: string): Credential => ({ kind: 'card', card: { technology: 'em4100', bitCount: 40, bits } })
const code = (text: string): Credential => ({ kind: 'code', text })
const LISTED = card('01000734e0')
const cards: readonly [string, string][] = [
  [cardKeyOf(secret, { technology: 'em4100', bitCount: 40, bits: '01000734e0' }), passRow().passId],
]

type Setup = {
  readonly list?: TestListChange | null
  readonly direction?: 'in' | 'out'
  readonly pagesMax?: number
  readonly door?: Result<null, DoorFailure>
  readonly deviceKey?: Uint8Array | null
  readonly totpSecret?: Uint8Array | null
  /** Where an earlier process left its journal. */
  readonly folder?: string
}

async function lane({
  list = {},
  direction = 'in',
  pagesMax,
  door = ok(null),
  deviceKey = PHONE.point,
  totpSecret = SITE_SECRET,
  ...setup
}: Setup = {}) {
  const folder = setup.folder ?? (await tempFolder())
  const clock = handClock(NOW_S * 1000)
  const path = join(folder, 'journal.db')
  const journal = openJournal({ path, gate: 'gate-north-1', ...(pagesMax === undefined ? {} : { pagesMax }) })
  const log = memoryLog()
  const trust = trustIn(school.trust)
  const store = openListStore(join(folder, 'list'))
  const keeper = keepList({
    store,
    tenant: school.tenant,
    scope: 'main',
    trust,
    journal,
    now: () => ({ epochS: NOW_S, confirmed: false }),
    damaged() {},
  })
  if (list !== null) expect(await keeper.carry(await school.signList({ cards, ...list }))).toMatchObject({ ok: true })
  const bootId = '019a0000-0000-7000-8000-000000000000'
  const recorderWith = (clock: Clock) =>
    recorderOn({ journal, clock, bootId, list: () => keeper.facts(), recorded() {} })
  const recorder = recorderWith(clock)
  /** What the journal held when the door was released, an entry a release. */
  const releases: string[][] = []
  const kinds = () => journal.after(0, 10_000).map(({ record }) => record.kind)
  const build = (name: string) =>
    laneOf({
      lane: name,
      direction,
      groups: groupBits([0]),
      tenant: school.tenant,
      timeZone: 'Europe/Berlin',
      cardSecret: secret,
      keys: nodePassKeys({
        issuerKey: (kid, nowS) => trust.find('pass', `${school.tenant}/pass/${kid}`, nowS),
        totpSecret,
        inForce: () => keeper.facts().version,
      }),
      list: keeper,
      deviceKey: async () => deviceKey,
      granted: journal,
      recorder,
      log,
      door: {
        pulse: 'hardware-timed',
        async release() {
          releases.push(kinds())
          return door
        },
      },
    })
  const built = build('main')
  const present = async (credential: Credential, readerId = 'reader') => {
    await built.attempt({ readerId, credential, atMs: clock.monotonicMs() })
    return journal.after(0, 10_000).at(-1)?.record
  }
  return { present, recorder, recorderWith, lane: built, build, journal, clock, log, releases, kinds, folder, store }
}

describe('a lane', () => {
  test('a listed card is granted, and the event is durable before the door is released', async () => {
    const { present, releases } = await lane()
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
    const { present, releases } = await lane(setup)
    const event = await present(credential)
    expect(event).toMatchObject({ kind: 'refused', decision: { refusal } })
    expect(event?.passId).toBe(passId)
    expect(releases).toEqual([])
  })

  test('hours are those of the gate’s wall: 09:59 in Berlin is 07:59 in UTC', async () => {
    const policy: TestListChange['policy'] = {
      newerThanList: 'open',
      profiles: { 1: { name: 'Morning', windows: [{ day: 2, fromMinute: 0, untilMinute: 600 }], onHolidays: [] } },
    }
    const { present, clock } = await lane({ list: { passes: [passRow({ profile: 1 })], policy } })
    clock.setWall(NOW_S * 1000 - 60_000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted' })
    clock.setWall(NOW_S * 1000)
    expect(await present(LISTED)).toMatchObject({ decision: { refusal: 'outside_hours' } })
  })

  test('a signed pass newer than the list opens on its signature', async () => {
    const { present, releases } = await lane({ list: { passes: [] } })
    expect(await present(code(school.pass({ serial: 101 })))).toMatchObject({
      kind: 'granted',
      credential: { technology: 'ghp1', proof: 'proven' },
      decision: { ground: 'signature' },
    })
    expect(releases).toHaveLength(1)
  })

  test('what was not proven says so', async () => {
    const { present } = await lane()
    expect((await present(code('hello')))?.credential).toEqual({ technology: 'qr', proof: 'claimed' })
    expect((await present(code(school.pass({ kid: 9 }))))?.credential).toMatchObject({
      technology: 'ghp1',
      proof: 'claimed',
      code: { type: 'static', found: 'unknown_key' },
    })
  })

  test('leaving is not refused, and the event keeps the objection', async () => {
    const { present, releases } = await lane({ direction: 'out' })
    expect(await present(card('0000000001'))).toMatchObject({
      kind: 'granted',
      decision: { ground: 'leaving', objection: 'unknown_pass' },
    })
    expect(releases).toHaveLength(1)
  })

  test('a door that does not open after a grant is an alarm', async () => {
    const { present } = await lane({ door: fail('no_answer') })
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
    const { present, releases, journal, log, clock } = await lane({ direction, pagesMax: 16 })
    while (journal.append({ ...journalFiller, bootId: '019a0000-0000-7000-8000-000000000000' }).ok) clock.advance(1)
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
    const { lane: built, journal, releases } = await lane()
    await Promise.all([
      built.attempt({ readerId: 'card', credential: LISTED, atMs: 0 }),
      built.attempt({ readerId: 'qr', credential: code(school.pass()), atMs: 0 }),
    ])
    expect(journal.after(0, 10).map(({ record }) => record.details?.reader)).toEqual(['card', 'qr'])
    expect(releases).toEqual([['granted'], ['granted', 'granted']])
  })

  test('noise is one event a second and a count, and a pass among it is read', async () => {
    const { present, clock, journal, releases } = await lane()
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

  test('a wall set back three days is said and not followed', async () => {
    const { present, clock, journal } = await lane()
    await present(LISTED)
    clock.setWall((NOW_S - 3 * 86_400) * 1000)
    expect(await present(LISTED)).toMatchObject({ kind: 'granted', trustedTimeMs: NOW_S * 1000 })
    expect(journal.after(0, 10).map(({ record }) => [record.kind, record.details?.wall])).toEqual([
      ['granted', undefined],
      ['clock', 'behind'],
      ['granted', undefined],
    ])
  })

  test('a gate that wakes in 1970 decides by the date of its last list, in doubt, and says so', async () => {
    const first = await lane()
    first.recorder.heardTime(NOW_S * 1000)
    const clock = handClock(5_000)
    const recorder = first.recorderWith(clock)
    expect(recorder.now()).toMatchObject({ trustedMs: NOW_S * 1000, quality: 'doubt', wallMs: 5_000 })
    clock.advance(1_000)
    expect(recorder.now().trustedMs).toBe(NOW_S * 1000 + 1_000)
    clock.setWall((NOW_S + 86_400) * 1000)
    expect(recorder.now()).toMatchObject({ trustedMs: (NOW_S + 86_400) * 1000, quality: 'unconfirmed' })
    expect(first.kinds()).toEqual(['clock', 'clock'])
  })

  test('damaged rows are made anew from the signed list before anything is decided', async () => {
    const { present, folder, store } = await lane()
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
    const { present, log, journal } = await lane()
    const digits = school.pass()
    await present(LISTED)
    await present(code(digits))
    await present(code('secret words'))
    const said = JSON.stringify([log.entries, journal.after(0, 10)]).toLowerCase()
    for (const text of ['01000734e0', digits.slice(0, 20), 'secret words']) expect(said).not.toContain(text)
  })
})

describe('moving codes', () => {
  /** Signed by the school of these tests, for now. */
  const made = (change: Made = {}): Made => ({
    tenant: school.tenant,
    issuer: school.keys.pass.privateKey,
    tS: NOW_S,
    ...change,
    body: {
      kid: 1,
      notBeforeS: NOW_S - 86_400,
      expiresS: NOW_S + 86_400,
      groups: 1,
      serial: 50,
      generation: 1,
      ...change.body,
    },
  })
  const kinds = Object.entries(codeOf).filter(([type]) => type !== 'static')

  test.each(kinds)('%s opens once, and the event says what was found', async (type, make) => {
    const { present, releases, clock } = await lane()
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
    const { present, clock } = await lane()
    const digits = make(made())
    clock.advance(46_000)
    const event = await present(code(digits))
    expect(event).toMatchObject({ decision: { refusal: 'stale_proof' }, credential: { proof: 'claimed' } })
    expect(event?.credential?.code).toMatchObject({ type, timeS: NOW_S, held: 'none' })
  })

  test('what opened before a restart does not open after it', async () => {
    const first = await lane()
    const digits = codeOf.dynamic(made())
    expect(await first.present(code(digits))).toMatchObject({ kind: 'granted' })
    first.journal.close()
    first.store.close()
    const second = await lane({ folder: first.folder })
    expect(await second.present(code(digits))).toMatchObject({ decision: { refusal: 'replayed' } })
    expect(await second.present(code(codeOf.dynamic(made({ tS: NOW_S + 1 }))))).toMatchObject({ kind: 'granted' })
  })

  test('at two lanes of a gate at once it opens one', async () => {
    const { lane: built, build, journal } = await lane()
    const scan = { readerId: 'qr', credential: code(codeOf.reference(made())), atMs: 0 }
    await Promise.all([built.attempt(scan), build('other').attempt(scan)])
    expect(journal.after(0, 10).map(({ record }) => [record.lane, record.decision])).toEqual([
      ['main', { ground: 'list' }],
      ['other', { refusal: 'replayed' }],
    ])
  })

  test('a forger cannot use up somebody’s code: what is only claimed moves no memory', async () => {
    const { present, journal } = await lane({ direction: 'out' })
    const forged = codeOf.reference(made({ phone: testPhone('device-2'), tS: NOW_S + 15 }))
    expect(await present(code(forged))).toMatchObject({ decision: { ground: 'leaving', objection: 'bad_proof' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
    expect(await present(code(codeOf.reference(made())))).toMatchObject({ decision: { ground: 'list' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(NOW_S)
  })

  test('a refusal does not use a code up: with its hours it opens', async () => {
    const { present, journal } = await lane({ list: { passes: [passRow({ groups: 2 })] } })
    expect(await present(code(codeOf.dynamic(made())))).toMatchObject({ decision: { refusal: 'wrong_gate' } })
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
  })

  test('an event that does not fit leaves the code unused', async () => {
    const { present, journal, releases } = await lane({ pagesMax: 20 })
    while (journal.append({ ...journalFiller, bootId: '019a0000-0000-7000-8000-000000000000' }).ok);
    await present(code(codeOf.dynamic(made())))
    expect(releases).toEqual([])
    expect(journal.lastGrantedS(passRow().passId)).toBe(null)
  })

  test('a wallet without the secret of its site, a phone that the list does not know', async () => {
    const { present } = await lane({ totpSecret: null, deviceKey: null })
    expect(await present(code(codeOf.totp(made())))).toMatchObject({ decision: { refusal: 'needs_secret' } })
    expect(await present(code(codeOf.reference(made())))).toMatchObject({ decision: { refusal: 'bad_proof' } })
    expect(await present(code(codeOf.dynamic(made())))).toMatchObject({ kind: 'granted' })
  })
})

const journalFiller = {
  kind: 'passage' as const,
  listVersion: 0,
  policyHash: 'a'.repeat(64),
  trustedTimeMs: 1,
  wallTimeMs: 1,
  monotonicMs: 1,
  clockQuality: 'unconfirmed' as const,
  details: { note: 'x'.repeat(300) },
}
