import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { createGate } from '../gates/gates.repo.ts'
import { openVault, type Vault } from '../keys/vault.ts'
import { enterTestSchool, type Said, startCloud, type TestCloud, type TestSchool } from './cloud.ts'

/** A school with two gates: north is in group 0, south in group 1. */
export type Campus = {
  readonly cloud: TestCloud
  readonly school: TestSchool
  readonly vault: Vault
  /** Of the school's administrator. */
  readonly token: string
  /** As the school's administrator. */
  call(method: string, path: string, body?: object, ifMatch?: number): Promise<Said>
  /** Ids of access points by gate: north has in and out. */
  readonly gateIds: { readonly north: string; readonly south: string }
  /** A student who may be given a pass. */
  student(number: string, departmentId?: string): Promise<string>
  /** The actions of the audit log so far, oldest first, of this kind of subject. */
  audited(kind: string): Promise<{ action: string; before: unknown; after: unknown; note: string | null }[]>
}

export async function openCampus(database: Database, cloud?: TestCloud): Promise<Campus> {
  const vault = openVault(Buffer.alloc(32, 1))
  const started = cloud ?? (await startCloud(database))
  const school = await enterTestSchool(database, vault)
  const { schoolId } = school
  const token = await started.signIn(school, 'school_admin')
  const call: Campus['call'] = (method, path, body, ifMatch) =>
    started.call(method, `/api/v1${path}`, {
      token,
      ...(body !== undefined && { body }),
      ...(ifMatch !== undefined && { headers: { 'if-match': `"${ifMatch}"` } }),
    })
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  const gateIds = await inSchool(database.db, schoolId, async tx => {
    const north = await createGate(tx, actor, {
      name: 'North gate',
      shortName: 'north',
      accessPoints: [
        { lane: 'in', name: 'In', direction: 'in', groups: [0] },
        { lane: 'out', name: 'Out', direction: 'out', groups: [0] },
      ],
    })
    const south = await createGate(tx, actor, {
      name: 'South gate',
      shortName: 'south',
      accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [1] }],
    })
    if (!north.ok || !south.ok) throw new Error('not made')
    return { north: north.value, south: south.value }
  })
  return {
    cloud: started,
    school,
    vault,
    token,
    call,
    gateIds,
    async student(studentNumber, departmentId) {
      const said = await call('POST', '/students', {
        studentNumber,
        firstName: 'Ada',
        lastName: studentNumber,
        ...(departmentId !== undefined && { departmentId }),
      })
      if (said.status !== 201) throw new Error(JSON.stringify(said.body))
      return said.body.data.id
    },
    audited: kind =>
      inSchool(database.db, schoolId, tx =>
        tx
          .selectFrom('audit_log')
          .select(['action', 'before', 'after', 'note'])
          .where('subject_kind', '=', kind)
          .orderBy('id')
          .execute(),
      ),
  }
}
