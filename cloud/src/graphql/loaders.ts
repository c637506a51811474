import type { AccessLevel } from '@gatehouse/shared/wire/api/access-levels.ts'
import type { Department } from '@gatehouse/shared/wire/api/departments.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { Group } from '@gatehouse/shared/wire/api/groups.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import type { HistoryEntry } from '@gatehouse/shared/wire/api/students-many.ts'
import type { Visit, Visitor } from '@gatehouse/shared/wire/api/visitors.ts'
import type DataLoader from 'dataloader'
import { findLevels } from '../access-levels/access-levels.repo.ts'
import { levelOf } from '../access-levels/access-levels.routes.ts'
import { applicationsOfEach } from '../applications/queue.repo.ts'
import { historyOfEach } from '../audit/history.repo.ts'
import { listDepartments } from '../departments/departments.repo.ts'
import { departmentOf } from '../departments/departments.routes.ts'
import { accessPoints, listGates } from '../gates/gates.repo.ts'
import { gateOf } from '../gates/gates.routes.ts'
import { listGroups } from '../groups/groups.repo.ts'
import { groupOf } from '../groups/groups.routes.ts'
import { passesShown } from '../passes/pass-shown.ts'
import { findPasses, holderIdOf, passesOfEach } from '../passes/passes.repo.ts'
import { shown } from '../students/student-shown.ts'
import { findStudents } from '../students/students-found.repo.ts'
import { visitorsShown, visitsShown } from '../visitors/visitor-shown.ts'
import { findVisitors } from '../visitors/visitors-list.repo.ts'
import { type ApplicationLoaders, applicationLoaders } from './application-loaders.ts'
import { type ApplicationShown, applicationShown } from './applications-shown.ts'
import { batchOf, type LoaderNeeds, mostOf, type SomeOf } from './batch.ts'

/** What stands beside rows, fetched for all of them at once: one statement for a page of one and of a hundred. Of one operation only. */
export type Loaders = {
  /** Living ones; null: archived, or none of the school. */
  readonly student: DataLoader<string, Student | null>
  readonly pass: DataLoader<string, Pass | null>
  readonly passesOf: DataLoader<SomeOf<'studentId'>, readonly Pass[], string>
  readonly applicationsOf: DataLoader<SomeOf<'studentId'>, readonly ApplicationShown[], string>
  readonly gate: DataLoader<string, Gate | null>
  readonly department: DataLoader<string, Department | null>
  /** By number. */
  readonly group: DataLoader<number, Group | null>
  readonly accessLevel: DataLoader<string, AccessLevel | null>
  /** Null: forgotten, or none of the school. */
  readonly visitor: DataLoader<string, Visitor | null>
  /** The newest first. */
  readonly visitsOf: DataLoader<SomeOf<'visitorId'>, readonly Visit[], string>
  /** The newest first. */
  readonly historyOf: DataLoader<{ readonly pass: Pass; readonly limit: number }, readonly HistoryEntry[], string>
  readonly ofApplication: ApplicationLoaders
}

export function openLoaders(call: LoaderNeeds): Loaders {
  const { who, needs } = call
  const isOwn = who.role === 'student'
  const nowMs = needs.nowMs()
  const batch = batchOf(call)
  const ofStudent = ({ studentId, limit }: SomeOf<'studentId'>) => `${studentId} ${limit}`
  const showing = { vault: needs.vault, who, nowMs }

  return {
    student: batch.of(async (tx, ids) => {
      const rows = (await findStudents(tx, ids)).filter(row => !isOwn || row.user_id === who.userId)
      const found = new Map((await shown(tx, needs.vault, who, rows)).map(student => [student.id, student]))
      await batch.told(tx, 'student.list', [...found.keys()])
      return ids.map(id => found.get(id) ?? null)
    }),
    pass: batch.of(async (tx, ids) => {
      const rows = await findPasses(tx, ids)
      const found = await passesShown(tx, rows, nowMs)
      await batch.told(tx, 'pass.list', rows.map(holderIdOf))
      const byId = new Map(found.map(pass => [pass.passId, pass]))
      return ids.map(id => byId.get(id) ?? null)
    }),
    passesOf: batch.of(async (tx, keys) => {
      const ids = studentsOf(keys)
      const rows = await passesOfEach(tx, ids, mostOf(keys))
      const byStudent = Map.groupBy(await passesShown(tx, rows, nowMs), ({ holder }) => holder.studentId)
      await batch.told(tx, 'pass.list', ids)
      return keys.map(({ studentId, limit }) => (byStudent.get(studentId) ?? []).slice(0, limit))
    }, ofStudent),
    applicationsOf: batch.of(async (tx, keys) => {
      const ids = studentsOf(keys)
      const rows = await applicationsOfEach(tx, ids, { ofEach: mostOf(keys), drafts: isOwn })
      const byStudent = Map.groupBy(rows, row => row.student_id)
      await batch.told(tx, 'application.list', ids)
      return keys.map(({ studentId, limit }) =>
        (byStudent.get(studentId) ?? []).slice(0, limit).map(row => applicationShown(who, row, nowMs)),
      )
    }, ofStudent),
    gate: batch.of(async (tx, ids) => {
      const points = await accessPoints(tx)
      const found = new Map((await listGates(tx)).map(row => [row.id, gateOf(row, points)]))
      return ids.map(id => found.get(id) ?? null)
    }),
    department: batch.of(async (tx, ids) => {
      const found = new Map((await listDepartments(tx)).map(row => [row.id, departmentOf(row)]))
      return ids.map(id => found.get(id) ?? null)
    }),
    group: batch.of(async (tx, numbers) => {
      const found = new Map((await listGroups(tx)).map(row => [row.number, groupOf(row)]))
      return numbers.map(number => found.get(number) ?? null)
    }),
    accessLevel: batch.of(async (tx, ids) => {
      const found = new Map((await findLevels(tx, ids)).map(row => [row.id, levelOf(row)]))
      return ids.map(id => found.get(id) ?? null)
    }),
    visitor: batch.of(async (tx, ids) => {
      const rows = await findVisitors(tx, ids)
      const found = new Map((await visitorsShown(tx, showing, rows)).map(visitor => [visitor.id, visitor]))
      await batch.told(tx, 'visitor.list', [...found.keys()])
      return ids.map(id => found.get(id) ?? null)
    }),
    visitsOf: batch.of(
      async (tx, keys) => {
        const ids = [...new Set(keys.map(({ visitorId }) => visitorId))]
        const byVisitor = await visitsShown(tx, showing, ids, mostOf(keys))
        await batch.told(tx, 'visitor.read', ids)
        return keys.map(({ visitorId, limit }) => (byVisitor.get(visitorId) ?? []).slice(0, limit))
      },
      ({ visitorId, limit }) => `${visitorId} ${limit}`,
    ),
    historyOf: batch.of(
      async (tx, keys) => {
        const passes = keys.map(({ pass }) => pass)
        const ids = [...new Set(passes.map(({ passId }) => passId))]
        const byPass = await historyOfEach(tx, { kind: 'pass', ids, ofEach: mostOf(keys) })
        const holders = passes.map(({ holder }) => (holder.studentId ?? holder.visitorId)!)
        await batch.told(tx, 'pass.history', holders)
        return keys.map(({ pass, limit }) => (byPass.get(pass.passId) ?? []).slice(0, limit))
      },
      ({ pass, limit }) => `${pass.passId} ${limit}`,
    ),
    ofApplication: applicationLoaders(call, batch),
  }
}

const studentsOf = (keys: readonly SomeOf<'studentId'>[]) => [...new Set(keys.map(({ studentId }) => studentId))]
