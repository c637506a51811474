import { ListPolicy } from '@gatehouse/shared/list/documents.ts'
import { DEFAULT_GATE_RULES } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { decodeJwt } from 'jose'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { findListFile, type PublishedHead } from '../lists/list-versions.repo.ts'
import { openPublisher } from '../lists/publisher.ts'
import { type Said, startCloud, type TestCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type Campus, openCampus } from '../testing/level-fixture.ts'

const MORNINGS = { name: 'Mornings', windows: [{ day: 1, fromMinute: 480, untilMinute: 720 }], onHolidays: [] }
const CHRISTMAS = { name: 'Christmas', hours: null }

onBothEngines('hours and days', engine => {
  let database: Database
  let cloud: TestCloud
  let campus: Campus
  beforeEach(async () => {
    database ??= await engine.fresh()
    cloud ??= await startCloud(database)
    // Later than any machine that runs this: an account is not older than its sign-in.
    cloud.clock.nowMs = Date.parse('2040-11-26T09:00:00Z')
    campus = await openCampus(database, cloud)
  })
  afterAll(async () => {
    await campus.cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const rules = async () => (await campus.call('GET', '/settings/gate-rules')).body.data
  const days = async () =>
    (await campus.call('GET', '/holidays')).body.data.map(
      (one: { date: string; name: string; calendar: string | null }) => [one.date, one.name, one.calendar],
    )
  const policy = async () => {
    const heads: PublishedHead[] = []
    const { schoolId } = campus.school
    const publisher = openPublisher({
      db: database.db,
      vault: campus.vault,
      nowMs: Date.now,
      publishHead: async head => void heads.push(head),
    })
    await publisher.changed([schoolId])
    const { policyHash } = decodeJwt(heads.at(-1)!.headJws) as { policyHash: string }
    const file = await inSchool(database.db, schoolId, tx => findListFile(tx, { scope: 'main', sha256: policyHash }))
    return ListPolicy.parse(decodeJwt(Buffer.from(file!).toString()))
  }

  test('hours and days are in the signed policy, as the document had them', async () => {
    expect((await campus.call('POST', '/profiles', MORNINGS)).body.data).toMatchObject({
      ...MORNINGS,
      number: 1,
      version: 1,
    })
    await campus.call('PUT', '/holidays/2040-12-25', CHRISTMAS)
    await campus.call('PUT', '/holidays/2040-12-24', { name: 'Eve', hours: [{ fromMinute: 480, untilMinute: 720 }] })
    const byRows = await policy()
    expect(byRows).toMatchObject({
      version: 1,
      profiles: { 1: MORNINGS },
      holidays: {
        '2040-12-24': { name: 'Eve', hours: [{ fromMinute: 480, untilMinute: 720 }] },
        '2040-12-25': CHRISTMAS,
      },
    })
    // The same written as a document, its days the other way round: nothing to sign.
    const { version, rules: document } = await rules()
    const turned = Object.fromEntries(Object.entries(document.holidays).toReversed())
    const put = await campus.call('PUT', '/settings/gate-rules', { version, rules: { ...document, holidays: turned } })
    expect(put.status).toBe(200)
    expect(await policy()).toEqual(byRows)
  })

  test('the document still writes hours and days, and who changes a row overtakes it', async () => {
    const document = { ...DEFAULT_GATE_RULES, profiles: { 7: MORNINGS }, holidays: { '2040-12-25': CHRISTMAS } }
    expect((await campus.call('PUT', '/settings/gate-rules', { version: 0, rules: document })).body.data).toMatchObject(
      {
        version: 1,
        rules: document,
      },
    )
    expect((await campus.call('GET', '/profiles')).body.data).toMatchObject([{ number: 7, version: 1 }])
    await campus.call('PATCH', '/profiles/7', { name: 'Early' }, 1)
    expect(await rules()).toMatchObject({
      version: 2,
      rules: { profiles: { 7: { name: 'Early' } } },
      changedBy: 'school_admin',
    })
    const late = await campus.call('PUT', '/settings/gate-rules', { version: 1, rules: DEFAULT_GATE_RULES })
    expect(late.body.error.code).toBe('overtaken')
    await campus.call('PUT', '/settings/gate-rules', { version: 2, rules: DEFAULT_GATE_RULES })
    expect((await campus.call('GET', '/profiles')).body.data).toEqual([])
    expect(await days()).toEqual([])
  })

  test('hours that passes or levels name stay, by either way', async () => {
    await campus.call('POST', '/profiles', MORNINGS)
    await campus.call('POST', '/access-levels', { name: 'North', groups: [0], profile: 1 })
    const said = await campus.call('DELETE', '/profiles/1')
    expect([said.status, said.body.error.message]).toEqual([409, expect.stringContaining('1 access level')])
    const put = await campus.call('PUT', '/settings/gate-rules', { version: 1, rules: DEFAULT_GATE_RULES })
    expect([put.status, put.body.error.code]).toEqual([409, 'profile_used'])
    expect((await campus.call('GET', '/profiles')).body.data).toMatchObject([{ passes: 0, levels: 1 }])
  })

  test('a day is entered once, changed, and made like its weekday again', async () => {
    expect((await campus.call('PUT', '/holidays/2040-12-25', CHRISTMAS, 0)).body.data).toMatchObject({ version: 1 })
    expect((await campus.call('PUT', '/holidays/2040-12-25', CHRISTMAS, 0)).body.error.code).toBe('changed_meanwhile')
    const closed = await campus.call('PUT', '/holidays/2040-12-25', { name: 'Closed', hours: [] }, 1)
    expect(closed.body.data).toMatchObject({ hours: [], version: 2 })
    expect((await campus.call('DELETE', '/holidays/2040-12-25', undefined, 1)).status).toBe(409)
    expect((await campus.call('DELETE', '/holidays/2040-12-25', undefined, 2)).status).toBe(200)
    expect((await campus.call('DELETE', '/holidays/2040-12-25')).status).toBe(404)
    expect((await campus.audited('holiday')).map(({ action }) => action)).toEqual([
      'holiday.create',
      'holiday.update',
      'holiday.delete',
    ])
  })

  test('bad input changes nothing', async () => {
    const windows = [{ day: 8, fromMinute: 0, untilMinute: 60 }]
    const refused: [string, string, object, number][] = [
      ['POST', '/profiles', { ...MORNINGS, windows }, 422],
      ['POST', '/profiles', { ...MORNINGS, windows: [{ day: 1, fromMinute: 60, untilMinute: 60 }] }, 422],
      ['POST', '/profiles', { ...MORNINGS, number: 3 }, 422],
      ['POST', '/profiles', { name: 'x' }, 422],
      ['PATCH', '/profiles/1', { name: 'x' }, 404],
      ['PATCH', '/profiles/0', { name: 'x' }, 404],
      ['PUT', '/holidays/2041-02-29', CHRISTMAS, 404],
      ['PUT', '/holidays/2040-12-25', { name: 'x', hours: [{ fromMinute: -1, untilMinute: 5 }] }, 422],
      ['PUT', '/holidays/2040-12-25', { name: ' ' }, 422],
    ]
    for (const [method, path, body, status] of refused)
      expect([path, body, (await campus.call(method, path, body)).status]).toEqual([path, body, status])
    expect(await rules()).toMatchObject({ version: 0 })
  })

  const upload = async (
    what: 'preview' | 'import',
    text: string,
    { ifMatch, ...query }: { ifMatch?: number; calendar?: string } = {},
  ) => {
    const asked = new URLSearchParams({ calendar: 'Holidays', ...query })
    const answer = await fetch(`${campus.cloud.url}/api/v1/holidays/calendar-${what}?${asked}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${campus.token}`,
        'content-type': 'text/calendar; charset=utf-8',
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      },
      body: text,
    })
    return { status: answer.status, body: (await answer.json()) as Said['body'] }
  }
  const file = (...dates: [date: string, name: string][]) =>
    `BEGIN:VCALENDAR\r\n${dates
      .map(
        ([date, name], at) =>
          `BEGIN:VEVENT\r\nUID:${at}\r\nDTSTART;VALUE=DATE:${date.replaceAll('-', '')}\r\nSUMMARY:${name}\r\nEND:VEVENT\r\n`,
      )
      .join('')}END:VCALENDAR\r\n`

  test('a calendar is shown before it is entered, and then it is exactly that', async () => {
    await campus.call('PUT', '/holidays/2040-12-05', { name: 'By hand', hours: null })
    const first = file(
      ['2040-12-05', 'Sinterklaas'],
      ['2040-12-25', 'Noël'],
      ['2041-01-01', '新年'],
      ['2040-11-25', 'Yesterday'],
    )
    const seen = await upload('preview', first)
    expect(seen.body.data).toMatchObject({
      from: '2040-11-26',
      to: '2041-11-26',
      events: 4,
      added: [{ date: '2040-12-25' }, { date: '2041-01-01', name: '新年' }],
      changed: [],
      removed: [],
      kept: [{ date: '2040-12-05', name: 'By hand', calendar: null }],
      version: 1,
    })
    expect(await days()).toEqual([['2040-12-05', 'By hand', null]])
    expect((await upload('import', first, { ifMatch: 1 })).body.data.version).toBe(2)
    expect(await days()).toEqual([
      ['2040-12-05', 'By hand', null],
      ['2040-12-25', 'Noël', 'Holidays'],
      ['2041-01-01', '新年', 'Holidays'],
    ])
  })

  test('a calendar uploaded again changes its own days and no others', async () => {
    await campus.call('PUT', '/holidays/2040-12-05', { name: 'By hand', hours: null })
    await upload('import', file(['2040-12-25', 'Noël'], ['2041-01-01', '新年']))
    const second = file(['2040-12-25', 'Christmas'], ['2040-12-26', 'Boxing day'])
    expect((await upload('preview', second)).body.data).toMatchObject({
      added: [{ date: '2040-12-26' }],
      changed: [{ before: { name: 'Noël' }, after: { name: 'Christmas' } }],
      removed: [{ date: '2041-01-01' }],
    })
    // Another calendar takes nothing of this one away.
    expect((await upload('preview', second, { calendar: 'Sports' })).body.data).toMatchObject({
      removed: [],
      kept: [{ date: '2040-12-25' }],
    })
    await upload('import', second, { ifMatch: 2 })
    expect((await days()).map(([date]: string[]) => date)).toEqual(['2040-12-05', '2040-12-25', '2040-12-26'])
    // Once more: nothing to do, and nothing is done.
    expect((await upload('import', second)).body.data).toMatchObject({ added: [], same: 2, version: 3 })
    expect(await campus.audited('calendar')).toHaveLength(2)
  })

  test('who was overtaken since the preview enters nothing', async () => {
    await upload('preview', file(['2040-12-25', 'x']))
    await campus.call('PUT', '/holidays/2040-12-05', CHRISTMAS)
    const said = await upload('import', file(['2040-12-25', 'x']), { ifMatch: 0 })
    expect([said.status, said.body.error.code]).toEqual([409, 'changed_meanwhile'])
    expect(await days()).toHaveLength(1)
  })

  test('a calendar is read to the end of the school year', async () => {
    await campus.call('POST', '/terms', {
      name: 'Y',
      kind: 'school_year',
      firstDay: '2040-09-01',
      lastDay: '2040-12-31',
    })
    const seen = await upload('preview', file(['2040-12-31', 'in'], ['2041-01-01', 'out']))
    expect(seen.body.data).toMatchObject({ from: '2040-11-26', to: '2040-12-31', added: [{ name: 'in' }] })
  })

  test('a file that is none, too large, or no text is refused', async () => {
    expect((await upload('preview', 'hello')).body.error.code).toBe('not_a_calendar')
    const large = await upload('preview', 'x'.repeat(1024 * 1024 + 1))
    expect([large.status, large.body.error.message]).toEqual([413, 'The body of the request is larger than 1 MB.'])
    expect((await campus.call('POST', '/holidays/calendar-import?calendar=x', { text: 'x' })).status).toBe(422)
    expect((await upload('preview', '')).status).toBe(422)
    expect((await upload('preview', file(['2040-12-25', 'x']), { calendar: '' })).status).toBe(422)
  })
})
