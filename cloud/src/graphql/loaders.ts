import type { Department } from '@gatehouse/shared/wire/api/departments.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import DataLoader from 'dataloader'
import { applicationsOfEach } from '../applications/queue.repo.ts'
import type { Actor } from '../audit/actor.ts'
import { look } from '../audit/audit.ts'
import type { Tx } from '../db/tables.ts'
import { listDepartments } from '../departments/departments.repo.ts'
import { departmentOf } from '../departments/departments.routes.ts'
import { accessPoints, listGates } from '../gates/gates.repo.ts'
import { gateOf } from '../gates/gates.routes.ts'
import type { SchoolPerson } from '../http/bind.ts'
import type { Vault } from '../keys/vault.ts'
import { passesShown } from '../passes/pass-shown.ts'
import { findPasses, holderIdOf, passesOfEach } from '../passes/passes.repo.ts'
import { shown } from '../students/student-shown.ts'
import { findStudents } from '../students/students-found.repo.ts'
import { type ApplicationShown, applicationShown } from './applications-shown.ts'

/** Of a student, so many. */
export type SomeOf = { readonly studentId: string; readonly limit: number }

/** What stands beside rows, fetched for all of them at once: one statement for a page of one and of a hundred. Of one operation only. */
export type Loaders = {
  /** Living ones; null: archived, or none of the school. */
  readonly student: DataLoader<string, Student | null>
  readonly pass: DataLoader<string, Pass | null>
  readonly passesOf: DataLoader<SomeOf, readonly Pass[], string>
  readonly applicationsOf: DataLoader<SomeOf, readonly ApplicationShown[], string>
  readonly gate: DataLoader<string, Gate | null>
  readonly department: DataLoader<string, Department | null>
}

export type LoaderNeeds = {
  readonly who: SchoolPerson
  readonly needs: { readonly vault: Vault; readonly nowMs: () => number }
  actor(): Actor
  read<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>
}

export function openLoaders(call: LoaderNeeds): Loaders {
  const { who, needs } = call
  const isOwn = who.role === 'student'
  const nowMs = needs.nowMs()
  /** Whose rows are shown is in the audit log; not that somebody looked at their own. */
  const told = (tx: Tx, action: 'student.list' | 'pass.list' | 'application.list', studentIds: readonly string[]) =>
    isOwn || studentIds.length === 0
      ? Promise.resolve()
      : look(tx, call.actor(), { action, studentIds: [...new Set(studentIds)], after: { beside: true } })
  const batched = <Key, Value, CacheKey = Key>(
    load: (tx: Tx, keys: readonly Key[]) => Promise<readonly Value[]>,
    cacheKeyFn?: (key: Key) => CacheKey,
  ) =>
    new DataLoader<Key, Value, CacheKey>(
      keys => call.read(tx => load(tx, keys)),
      cacheKeyFn === undefined ? {} : { cacheKeyFn },
    )
  const ofStudent = ({ studentId, limit }: SomeOf) => `${studentId} ${limit}`

  return {
    student: batched(async (tx, ids) => {
      const rows = (await findStudents(tx, ids)).filter(row => !isOwn || row.user_id === who.userId)
      const found = new Map((await shown(tx, needs.vault, who, rows)).map(student => [student.id, student]))
      await told(tx, 'student.list', [...found.keys()])
      return ids.map(id => found.get(id) ?? null)
    }),
    pass: batched(async (tx, ids) => {
      const rows = await findPasses(tx, ids)
      const found = await passesShown(tx, rows, nowMs)
      await told(tx, 'pass.list', rows.map(holderIdOf))
      const byId = new Map(found.map(pass => [pass.passId, pass]))
      return ids.map(id => byId.get(id) ?? null)
    }),
    passesOf: batched(async (tx, keys) => {
      const ids = studentsOf(keys)
      const rows = await passesOfEach(tx, ids, mostOf(keys))
      const byStudent = Map.groupBy(await passesShown(tx, rows, nowMs), ({ holder }) => holder.studentId)
      await told(tx, 'pass.list', ids)
      return keys.map(({ studentId, limit }) => (byStudent.get(studentId) ?? []).slice(0, limit))
    }, ofStudent),
    applicationsOf: batched(async (tx, keys) => {
      const ids = studentsOf(keys)
      const rows = await applicationsOfEach(tx, ids, { ofEach: mostOf(keys), drafts: isOwn })
      const byStudent = Map.groupBy(rows, row => row.student_id)
      await told(tx, 'application.list', ids)
      return keys.map(({ studentId, limit }) =>
        (byStudent.get(studentId) ?? []).slice(0, limit).map(row => applicationShown(who, row, nowMs)),
      )
    }, ofStudent),
    gate: batched(async (tx, ids) => {
      const points = await accessPoints(tx)
      const found = new Map((await listGates(tx)).map(row => [row.id, gateOf(row, points)]))
      return ids.map(id => found.get(id) ?? null)
    }),
    department: batched(async (tx, ids) => {
      const found = new Map((await listDepartments(tx)).map(row => [row.id, departmentOf(row)]))
      return ids.map(id => found.get(id) ?? null)
    }),
  }
}

const studentsOf = (keys: readonly SomeOf[]) => [...new Set(keys.map(({ studentId }) => studentId))]
/** Other names with other limits are one statement all the same. */
const mostOf = (keys: readonly SomeOf[]) => Math.max(...keys.map(({ limit }) => limit))
