import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { BATCH_TYP } from '@gatehouse/shared/events/batch.ts'
import { chain, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent, EventRecord } from '@gatehouse/shared/events/record.ts'
import { CompactSign } from 'jose'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

export type SchoolFixture = { readonly schoolId: string; readonly tenant: string; readonly studentId: string }

/** Ada Löwe and her pass, so that events have somebody to name. */
export const ADA_PASS = '0123456789abcdef'

/** A school with one student and her pass. */
export async function makeSchool(db: Db, tenant = 'hillside'): Promise<SchoolFixture> {
  const schoolId = randomUUID()
  const studentId = randomUUID()
  await inSchool(db, schoolId, async tx => {
    await tx
      .insertInto('schools')
      .values({ id: schoolId, name: 'Hillside College', tenant, time_zone: 'Europe/Amsterdam' })
      .execute()
    await tx.insertInto('scopes').values({ school_id: schoolId, scope: 'main', sealed_card_secret: 'sealed' }).execute()
    const now = new Date()
    const departmentId = randomUUID()
    await tx
      .insertInto('departments')
      .values({ id: departmentId, school_id: schoolId, name: 'Physics', created_at: now, updated_at: now })
      .execute()
    await tx
      .insertInto('students')
      .values({
        id: studentId,
        school_id: schoolId,
        student_number: '0042',
        first_name: 'Ada',
        last_name: 'Löwe',
        department_id: departmentId,
        status: 'active',
        search_text: ' ada lowe 0042',
        created_at: now,
        updated_at: now,
      })
      .execute()
    await tx
      .insertInto('passes')
      .values({
        pass_id: ADA_PASS,
        school_id: schoolId,
        student_id: studentId,
        serial: 1,
        status: 'active',
        class: 'student',
        not_before: new Date('2026-01-01T00:00:00Z'),
        expires: new Date('2036-01-01T00:00:00Z'),
        groups: 1,
        created_at: now,
      })
      .execute()
  })
  return { schoolId, tenant, studentId }
}

export type GateFixture = {
  readonly gateId: string
  readonly shortName: string
  readonly schoolId: string
  readonly tenant: string
  readonly secret: string
  readonly privateKey: KeyObject
  /** The next event of this gate's journal. */
  event(record?: Partial<EventRecord>): ChainedEvent
  /** A batch signed as the gate signs it; `header` spoils it. */
  batch(events: readonly unknown[], header?: Record<string, string>): Promise<string>
}

/** An enrolled gate of a school, with one lane `in`. */
export async function makeGate(db: Db, { schoolId, tenant }: SchoolFixture, shortName = 'north'): Promise<GateFixture> {
  const gateId = randomUUID()
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const secret = `secret of ${shortName}`
  const access_point_id = randomUUID()
  await inSchool(db, schoolId, async tx => {
    await tx
      .insertInto('gates')
      .values({
        id: gateId,
        school_id: schoolId,
        short_name: shortName,
        name: `Gate ${shortName}`,
        scope: 'main',
        public_jwk: JSON.stringify(publicKey.export({ format: 'jwk' })),
        broker_secret_hash: createHash('sha256').update(secret).digest('hex'),
        enrolled_at: new Date(),
      })
      .execute()
    await tx
      .insertInto('access_points')
      .values({
        id: access_point_id,
        school_id: schoolId,
        gate_id: gateId,
        lane: 'in',
        name: 'Way in',
        direction: 'in',
        position: 0,
      })
      .execute()
    await tx.insertInto('gate_chains').values({ gate_id: gateId, school_id: schoolId }).execute()
    await tx.insertInto('gate_states').values({ gate_id: gateId, school_id: schoolId }).execute()
  })

  let sequence = 0
  let previous = FIRST_PREVIOUS
  const bootId = randomUUID()
  return {
    gateId,
    shortName,
    schoolId,
    tenant,
    secret,
    privateKey,
    event(record = {}) {
      const timeMs = Date.UTC(2026, 8, 1, 8) + ++sequence * 1000
      const event = chain(sha256, previous, {
        gate: gateId,
        sequence,
        kind: 'granted',
        lane: 'in',
        passId: ADA_PASS,
        credential: { technology: 'em4100', proof: 'proven' },
        decision: { ground: 'list' },
        listVersion: 1,
        policyHash: '0'.repeat(64),
        trustedTimeMs: timeMs,
        wallTimeMs: timeMs,
        monotonicMs: sequence * 1000,
        bootId,
        clockQuality: 'confirmed',
        ...record,
      })
      previous = event.hash
      return event
    },
    batch: (events, header = {}) =>
      new CompactSign(Buffer.from(JSON.stringify({ gate: gateId, tenant, events })))
        .setProtectedHeader({ alg: 'Ed25519', typ: BATCH_TYP, kid: gateId, ...header })
        .sign(privateKey),
  }
}
