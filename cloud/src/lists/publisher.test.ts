import { createHmac } from 'node:crypto'
import { cardKeyMessage } from '@gatehouse/shared/list/card.ts'
import { HEAD_TYP, Head, SNAPSHOT_TYP, Snapshot, unpackPass } from '@gatehouse/shared/list/snapshot.ts'
import { compactVerify, importJWK } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { publicKeys } from '../keys/school-keys.ts'
import { openVault } from '../keys/vault.ts'
import { addCredential, cardOf } from '../passes/credentials.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass, revokePass } from '../passes/passes.repo.ts'
import { cardSecretOf } from '../schools/schools.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { findSnapshot, type PublishedHead } from './list-versions.repo.ts'
import { openPublisher, type Publisher } from './publisher.ts'

const vault = openVault(Buffer.alloc(32, 1))

onBothEngines('the signed list', engine => {
  let database: Database
  let school: TestSchool
  let publisher: Publisher
  let studentId: string
  const heads: PublishedHead[] = []
  beforeAll(async () => {
    database = await engine.fresh()
    school = await enterTestSchool(database, vault)
    publisher = openPublisher({
      db: database.db,
      vault,
      nowMs: Date.now,
      publishHead: async head => void heads.push(head),
    })
    studentId = await inOurs(async tx => {
      await enterGroups(
        tx,
        school.schoolId,
        new Map([
          [0, 'Campus'],
          [2, 'Labs'],
        ]),
      )
      const student = await createStudent(tx, actor(), {
        studentNumber: 'S-1',
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: null,
        department: null,
        status: 'active',
      })
      return student.ok ? student.value.id : ''
    })
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const inOurs = <Answer>(work: Parameters<typeof inSchool<Answer>>[2]) => inSchool(database.db, school.schoolId, work)
  const actor = () => ({ schoolId: school.schoolId, userId: null, nowMs: Date.now() })
  const issue = () =>
    inOurs(async tx => {
      const pass = await issuePass(tx, actor(), {
        studentId,
        class: 'student',
        notBeforeMs: 1_000_000,
        expiresMs: Date.now() + 1e9,
        groups: [0, 2],
        profile: 0,
      })
      if (!pass.ok) throw new Error(pass.failure)
      return pass.value
    })

  /** The newest head as a gate would take it: signature, then the file it names. */
  async function newest() {
    const keys = await inOurs(tx => publicKeys(tx, school.schoolId))
    const { jwk, kid } = keys.find(({ use }) => use === 'list')!
    const key = await importJWK(jwk, 'Ed25519')
    const open = async (jws: string, typ: string) => {
      const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['Ed25519'] })
      expect(protectedHeader).toEqual({ alg: 'Ed25519', kid, typ })
      return JSON.parse(Buffer.from(payload).toString())
    }
    const head = Head.parse(await open(heads.at(-1)!.headJws, HEAD_TYP))
    const jws = await inOurs(tx => findSnapshot(tx, { scope: 'main', sha256: head.snapshotSha256 }))
    return { head, snapshot: Snapshot.parse(await open(jws!, SNAPSHOT_TYP)) }
  }

  test('says what the passes and cards say, signed by the school', async () => {
    const pass = await issue()
    const card = cardOf({ technology: 'em4100', bits: '01000734E0' })
    if (!card.ok) throw new Error(card.failure)
    await inOurs(tx =>
      addCredential(tx, vault, { ...actor(), tenant: school.tenant }, { passId: pass.pass_id, card: card.value }),
    )
    await publisher.changed([school.schoolId])
    const { head, snapshot } = await newest()
    expect(head).toMatchObject({ issuer: school.tenant, scope: 'main', version: 1 })
    expect(snapshot).toMatchObject({ issuer: school.tenant, scope: 'main', version: 1, serialMax: Number(pass.serial) })
    expect(snapshot.passes.map(unpackPass)).toEqual([
      {
        passId: pass.pass_id,
        notBeforeS: 1000,
        expiresS: Math.floor(pass.expires.getTime() / 1000),
        groups: 0b101,
        status: 'active',
        class: 'student',
        profile: 0,
        minGeneration: 0,
      },
    ])
    const secret = await inOurs(tx => cardSecretOf(tx, vault, { ...school, scope: 'main' }))
    const key = createHmac('sha256', secret).update(cardKeyMessage(card.value)).digest('hex').slice(0, 24)
    expect(snapshot.cards).toEqual([[key, pass.pass_id]])
    expect(JSON.stringify(snapshot)).not.toMatch(/Ada|Lovelace|01000734/i)
  })

  test('has a new version when something changed, and the old one again when nothing did', async () => {
    const before = (await newest()).head.version
    const pass = await issue()
    await publisher.changed([school.schoolId])
    expect((await newest()).head.version).toBe(before + 1)
    const told = heads.length
    await publisher.all()
    expect(heads.length).toBe(told + 1)
    expect((await newest()).head.version).toBe(before + 1)

    await inOurs(tx => revokePass(tx, actor(), { passId: pass.pass_id, note: 'lost' }))
    await publisher.changed([school.schoolId])
    const { snapshot } = await newest()
    expect(snapshot.version).toBe(before + 2)
    expect(snapshot.passes.map(unpackPass).find(({ passId }) => passId === pass.pass_id)?.status).toBe('revoked')
  })

  test('two processes that publish at once never sign two contents of one version', async () => {
    await issue()
    await Promise.all([publisher.changed([school.schoolId]), publisher.changed([school.schoolId])])
    const rows = await inOurs(tx => tx.selectFrom('list_versions').select(['version', 'content_hash']).execute())
    expect(new Set(rows.map(({ version }) => version)).size).toBe(rows.length)
    expect(new Set(rows.map(({ content_hash }) => content_hash)).size).toBe(rows.length)
  })

  test('many changes at once are few versions, and the last of them is in the list', async () => {
    const before = (await newest()).head.version
    const passes = []
    for (let n = 0; n < 10; n++) passes.push(await issue())
    const drain = await drainOutbox({
      database,
      handlers: { 'list.changed': rows => publisher.changed(rows.map(({ schoolId }) => schoolId!)) },
      onProblem: problem => {
        throw problem
      },
    })
    await drain.now()
    await drain.stop()
    const { snapshot } = await newest()
    expect(snapshot.version - before).toBeLessThan(5)
    expect(snapshot.serialMax).toBe(Number(passes.at(-1)!.serial))
    expect(snapshot.passes.map(([passId]) => passId)).toContain(passes.at(-1)!.pass_id)
  })

  test('no pass is left out with a serial that the list calls old, however many are issued while it is made', async () => {
    const issuing = Promise.all(Array.from({ length: 20 }, issue))
    for (let round = 0; round < 5; round++) await publisher.changed([school.schoolId])
    await issuing
    const serials = new Map(
      (await inOurs(tx => tx.selectFrom('passes').select(['pass_id', 'serial']).execute())).map(row => [
        row.pass_id,
        Number(row.serial),
      ]),
    )
    const rows = await inOurs(tx => tx.selectFrom('list_versions').select('snapshot_jws').execute())
    for (const { snapshot_jws } of rows) {
      const { serialMax, passes } = Snapshot.parse(
        JSON.parse(Buffer.from(snapshot_jws.split('.')[1]!, 'base64url').toString()),
      )
      const listed = new Set(passes.map(([passId]) => passId))
      const missing = [...serials].filter(([passId, serial]) => serial <= serialMax && !listed.has(passId))
      expect(missing).toEqual([])
    }
  })
})
