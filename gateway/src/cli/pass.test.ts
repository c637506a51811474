import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, type Made } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { describe, expect, test } from 'vitest'
import { keepList } from '../list/list-keeper.ts'
import { trustIn } from '../list/trust.ts'
import { openJournal } from '../store/journal.ts'
import { openListStore } from '../store/list-store.ts'
import { eventFacts } from '../testing/event-facts.ts'
import { runToEnd } from '../testing/program.ts'
import { NOW_S, passRow, testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const VECTORS = join(import.meta.dirname, '../../../shared/vectors/passes.json')
const vectors = JSON.parse(readFileSync(VECTORS, 'utf8'))
const AT = new Date(NOW_S * 1000).toISOString()

const school = testSchool()
const made = (change: Made = {}): Made => ({
  tenant: school.tenant,
  issuer: school.keys.pass.privateKey,
  tS: NOW_S - 5,
  body: { kid: 1, notBeforeS: NOW_S - 86_400, expiresS: NOW_S + 86_400, groups: 1, serial: 50 },
  ...change,
})

/** A gate with a list of one pass and three lanes. */
async function gateFolder() {
  const folder = await tempFolder()
  const lane = (name: string, direction: string, groups: number[]) => ({
    lane: name,
    name,
    direction,
    groups,
    readers: [{ family: 'line', id: 'qr', port: { kind: 'serial', path: `/dev/${name}-qr` } }],
    door: { family: 'lcus', channel: 1, port: { kind: 'serial', path: `/dev/${name}-door` } },
  })
  const config = { lanes: [lane('in', 'in', [0]), lane('lab', 'in', [5]), lane('out', 'out', [5])] }
  writeFileSync(join(folder, 'gate.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'identity.json'), JSON.stringify(school.identity()))

  const store = openListStore(join(folder, 'data', 'list'))
  const journal = openJournal({ path: join(folder, 'data', 'journal.db'), gate: school.identity().gateId })
  const keeper = keepList({
    store,
    tenant: school.tenant,
    scope: 'main',
    trust: trustIn(school.trust),
    journal,
    now: () => ({ epochS: NOW_S, confirmed: false }),
    damaged() {},
  })
  expect((await keeper.carry(await school.signList({ passes: [passRow({ minGeneration: 1 })] }))).ok).toBe(true)
  journal.close()
  store.close()
  return folder
}

describe('pass check', () => {
  test('the vectors come out, each case told', async () => {
    const { code, out } = await runToEnd(['pass', 'check', VECTORS])
    expect(code).toBe(0)
    for (const { name } of vectors.cases) expect(out).toContain(name)
    expect(out).toContain('8 cases, 0 different.')
  })

  test('a difference is told and ends with 1', async () => {
    const file = join(await tempFolder(), 'vectors.json')
    const [first, ...rest] = vectors.cases
    writeFileSync(file, JSON.stringify({ ...vectors, cases: [{ ...first, expect: 'no_such_word' }, ...rest] }))
    const { code, out } = await runToEnd(['pass', 'check', file, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      cases: [{ name: first.name, expected: 'no_such_word', actual: 'ok' }, ...rest.map(() => ({}))],
    })
  })

  test('a file of another shape is told with the place', async () => {
    const file = join(await tempFolder(), 'vectors.json')
    writeFileSync(file, '{"tenant": "x", "keys": {}, "cases": [{}]}')
    const { code, err } = await runToEnd(['pass', 'check', file])
    expect(code).toBe(1)
    expect(err).toContain('cases[0].digits')
  })
})

describe('pass inspect', () => {
  test('tells every field of a code, without any key', async () => {
    const { code, out } = await runToEnd(['pass', 'inspect', vectors.dynamic.digits, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      type: 'dynamic',
      digits: 469,
      passId: '92ac63853fc0633b',
      body: { kid: 7, groups: 5, class: 'student', generation: 3, serial: 123_456, profile: 1 },
      timeS: vectors.dynamic.t,
      devicePoint: vectors.keys.device1.compressed,
      issuer: null,
      lanes: [],
    })
  })

  test('what is no pass is told so, and ends with 1', async () => {
    const { code, err } = await runToEnd(['pass', 'inspect', '12345'])
    expect(code).toBe(1)
    expect(err).toMatch(/^malformed: these 5 characters/)
  })

  test('with a gate it tells who signed, and what each lane would say and why', async () => {
    const folder = await gateFolder()
    const inspect = async (digits: string, ...more: string[]) => {
      const { out, err } = await runToEnd(['pass', 'inspect', digits, '--at', AT, '--json', ...more], folder)
      if (err !== '') throw new Error(err)
      return JSON.parse(out)
    }
    const at = ['--config', 'gate.json']
    expect(await inspect(codeOf.dynamic(made()), ...at)).toMatchObject({
      list: { version: 1, ageS: 60, grade: 'fresh' },
      issuer: { kid: 'test-campus/pass/1', found: 'signed' },
      held: 'good',
      lanes: [
        { lane: 'in', open: true, ground: 'list', refusal: null },
        { lane: 'lab', open: false, refusal: 'wrong_gate', guard: expect.stringContaining('access point') },
        { lane: 'out', open: true, ground: 'leaving', refusal: 'wrong_gate' },
      ],
    })
    const forged = codeOf.static(made({ issuer: testSchool().keys.pass.privateKey }))
    expect(await inspect(forged, '--identity', 'identity.json')).toMatchObject({
      issuer: { found: 'bad_signature' },
      lanes: [],
    })

    const journal = openJournal({ path: join(folder, 'data', 'journal.db'), gate: 'gate-north-1' })
    journal.append(eventFacts(), { proof: { passId: passRow().passId, timeS: NOW_S - 5 } })
    // As beside a gate that is running: the journal is open, and is not changed.
    expect((await inspect(codeOf.dynamic(made()), ...at)).lanes[0]).toMatchObject({ open: false, refusal: 'replayed' })
    expect(journal.highest()).toBe(1)
    journal.close()
    const newer = codeOf.static(made({ body: { ...made().body, passId: 'aaaaaaaaaaaaaaaa', serial: 101 } }))
    expect((await inspect(newer, ...at)).lanes[0]).toMatchObject({ open: true, ground: 'signature' })
    const later = new Date((NOW_S + 3_600) * 1000).toISOString()
    expect(await inspect(newer, ...at, '--at', later)).toMatchObject({
      list: { ageS: 3_660, grade: 'stale' },
      lanes: [{ open: false, refusal: 'list_too_old' }, { refusal: 'wrong_gate' }, { open: true }],
    })
    const { out } = await runToEnd(['pass', 'inspect', codeOf.static(made()), '--at', AT, ...at], folder)
    expect(out).toContain('test-campus/pass/1: the signature holds')
    expect(out).toContain('lab, in: refused, wrong_gate.')
    expect(out).toContain('list 1, signed 60 s ago: fresh')
  })
})
