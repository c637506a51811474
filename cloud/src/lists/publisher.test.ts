import { createHmac } from 'node:crypto'
import { fromBase64url } from '@gatehouse/shared/bytes.ts'
import { cardKeyMessage } from '@gatehouse/shared/list/card.ts'
import { DELTA_TYP, Delta, LIST_HEAD_TYP, ListHead, ListPolicy, POLICY_TYP } from '@gatehouse/shared/list/documents.ts'
import { applyOps } from '@gatehouse/shared/list/ops.ts'
import { decodePass, type ListPass, NO_ROW_FLAGS, ROW_LAYOUT, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import { compactVerify, importJWK } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { openVault } from '../keys/vault.ts'
import { addCredential, cardOf } from '../passes/credentials.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass, revokePass } from '../passes/passes.repo.ts'
import { cardSecretOf } from '../schools/schools.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { enterTestSchool, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { publicKeys } from '../testing/public-keys.ts'
import { findDelta, findListFile, type PublishedHead } from './list-versions.repo.ts'
import { openPublisher, type Publisher } from './publisher.ts'
import { sha256Hex } from './snapshot.repo.ts'
import { filesOf, rowsIn } from './tables.ts'

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
      const student = await createStudent(tx, vault, actor(), {
        studentNumber: 'S-1',
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: null,
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

  const opened = async (jws: string, typ: string, use: 'list' | 'policy' = 'list') => {
    const keys = await inOurs(tx => publicKeys(tx, school.schoolId))
    const { jwk, kid } = keys.find(key => key.use === use)!
    const { payload, protectedHeader } = await compactVerify(jws, await importJWK(jwk, 'Ed25519'), {
      algorithms: ['Ed25519'],
    })
    expect(protectedHeader).toEqual({ alg: 'Ed25519', kid, typ })
    return JSON.parse(Buffer.from(payload).toString())
  }
  const fileOf = async (sha256: string) => {
    const file = await inOurs(tx => findListFile(tx, { scope: 'main', sha256 }))
    expect(sha256Hex(file!)).toBe(sha256)
    return file!
  }
  const rowsOf = async (head: Pick<ListHead, 'snapshot'>, table: Table) =>
    rowsIn(await fileOf(head.snapshot.files[table].sha256), table)
  const passesIn = (rows: Uint8Array): ListPass[] => {
    const { bytes } = ROW_LAYOUT.P
    return Array.from({ length: rows.length / bytes }, (_, at) => {
      const pass = decodePass(rows.subarray(at * bytes, (at + 1) * bytes))
      if (!pass.ok) throw new Error(pass.failure)
      return pass.value
    })
  }

  /** The newest head as a gate would take it: signature, then the files it names, then the root over them. */
  async function newest() {
    const head = ListHead.parse(await opened(heads.at(-1)!.headJws, LIST_HEAD_TYP))
    const rows = Object.fromEntries(
      await Promise.all(TABLES.map(async table => [table, await rowsOf(head, table)] as const)),
    ) as Record<Table, Uint8Array>
    expect((await filesOf(rows)).stateRoot).toBe(head.stateRoot)
    return { head, rows, passes: passesIn(rows.P) }
  }

  test('says what the passes and cards say, signed by the school', async () => {
    const pass = await issue()
    const card = cardOf({ technology: 'em4100', bits: '01000734E0' })
    if (!card.ok) throw new Error(card.failure)
    await inOurs(tx =>
      addCredential(tx, vault, { ...actor(), tenant: school.tenant }, { passId: pass.pass_id, card: card.value }),
    )
    await publisher.changed([school.schoolId])
    const { head, rows, passes } = await newest()
    expect(head).toMatchObject({ issuer: school.tenant, scope: 'main', version: 1, serialMax: Number(pass.serial) })
    expect(head.expiresS - head.issuedAtS).toBe(900)
    const policy = await opened(Buffer.from(await fileOf(head.policyHash)).toString(), POLICY_TYP, 'policy')
    expect(ListPolicy.parse(policy)).toMatchObject({ issuer: school.tenant, scope: 'main' })
    expect(passes).toEqual([
      {
        passId: pass.pass_id,
        notBeforeS: 1000,
        expiresS: Math.floor(pass.expires.getTime() / 1000),
        groups: 0b101,
        status: 'active',
        class: 'student',
        profile: 0,
        flags: NO_ROW_FLAGS,
        minGeneration: 0,
      },
    ])
    const secret = await inOurs(tx => cardSecretOf(tx, vault, { ...school, scope: 'main' }))
    const key = createHmac('sha256', secret).update(cardKeyMessage(card.value)).digest('hex').slice(0, 24)
    expect(Buffer.from(rows.C).toString('hex')).toBe(key + pass.pass_id)
    const whole = Buffer.concat(Object.values(rows))
    expect(whole.toString('latin1') + whole.toString('hex')).not.toMatch(/Ada|Lovelace|01000734/i)
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
    const { head, passes } = await newest()
    expect(head.version).toBe(before + 2)
    expect(passes.find(({ passId }) => passId === pass.pass_id)?.status).toBe('revoked')
  })

  test('two processes that publish at once never sign two contents of one version', async () => {
    await issue()
    await Promise.all([publisher.changed([school.schoolId]), publisher.changed([school.schoolId])])
    const rows = await inOurs(tx => tx.selectFrom('list_versions').select(['version', 'delta_hash']).execute())
    expect(new Set(rows.map(({ version }) => version)).size).toBe(rows.length)
    expect(new Set(rows.map(({ delta_hash }) => delta_hash)).size).toBe(rows.length)
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
    const { head, passes: listed } = await newest()
    expect(head.version - before).toBeLessThan(5)
    expect(head.serialMax).toBe(Number(passes.at(-1)!.serial))
    expect(listed.map(({ passId }) => passId)).toContain(passes.at(-1)!.pass_id)
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
    const versions = await inOurs(tx => tx.selectFrom('list_versions').select('head').execute())
    for (const { head } of versions) {
      const { serialMax } = head
      const listed = new Set(passesIn(await rowsOf(head, 'P')).map(({ passId }) => passId))
      const missing = [...serials].filter(([passId, serial]) => serial <= serialMax && !listed.has(passId))
      expect(missing).toEqual([])
    }
  })

  test('each version is one step from the one before: chained by hash, and its ops lead to the signed root', async () => {
    await publisher.changed([school.schoolId])
    const { head, rows } = await newest()
    const pass = await issue()
    await inOurs(tx => revokePass(tx, actor(), { passId: pass.pass_id, note: 'lost' }))
    await issue()
    await publisher.changed([school.schoolId])
    const after = await newest()
    const jws = await inOurs(tx => findDelta(tx, { scope: 'main', version: after.head.version }))
    const delta = Delta.parse(await opened(jws!, DELTA_TYP))
    expect(delta).toMatchObject({
      from: head.version,
      to: head.version + 1,
      previousDelta: head.deltaHash,
      rootBefore: head.stateRoot,
      rootAfter: after.head.stateRoot,
    })
    expect(after.head.deltaHash).toBe(sha256Hex(jws!))
    const { upsert, delete: gone } = delta.ops.P!
    const done = applyOps('P', rows.P, { upsert: fromBase64url(upsert)!, delete: fromBase64url(gone)! })
    expect(done.ok && Buffer.compare(done.value, after.rows.P)).toBe(0)
    expect(passesIn(fromBase64url(upsert)!)).toHaveLength(2)
  })

  test('a head is signed anew with the time of now, and is the same version', async () => {
    const before = await newest()
    await publisher.heads()
    const { head } = await newest()
    expect({ ...head, issuedAtS: 0, expiresS: 0 }).toEqual({ ...before.head, issuedAtS: 0, expiresS: 0 })
  })
})
