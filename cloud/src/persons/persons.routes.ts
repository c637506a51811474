import type { Result } from '@gatehouse/shared/result.ts'
import {
  eraseStudent,
  eraseUser,
  eraseVisitor,
  exportStudentData,
  exportUserData,
  exportVisitorData,
  previewStudentErasure,
  previewUserErasure,
  previewVisitorErasure,
} from '@gatehouse/shared/wire/api/persons.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { dataFile } from './data-file.ts'
import { aboutSubject, type DataSubject, studentSubject, userSubject, visitorSubject } from './data-subject.ts'
import { erase, previewErasure } from './erase.ts'
import { readHeld } from './held.repo.ts'

export type PersonsRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

const PROBLEMS = {
  no_such_person: {
    status: 404,
    code: 'not_found',
    message: 'There is nobody with that id. An entry that was merged into another is asked for by the other’s.',
  },
  already_erased: { status: 409, code: 'already_erased', message: 'This person was erased before. Nothing is left.' },
  is_student: {
    status: 409,
    code: 'is_student',
    message: 'This account is a student’s: ask for the student, whose account goes with it.',
  },
  not_confirmed: {
    status: 422,
    code: 'validation_failed',
    message:
      'Nothing was erased: what was typed to confirm is not this person’s student number, e-mail address or, of a visitor, name.',
    details: [
      {
        path: 'confirm',
        message: 'must be the student number, of an account the e-mail address, of a visitor the name',
      },
    ],
  },
  yourself: {
    status: 409,
    code: 'yourself',
    message: 'You cannot erase yourself. Ask another administrator.',
  },
  last_administrator: {
    status: 409,
    code: 'last_administrator',
    message: 'This is the last administrator of the school. Make somebody else an administrator first.',
  },
} satisfies Record<string, Problem>

type Find = (tx: Tx) => Promise<Result<DataSubject, keyof typeof PROBLEMS>>

/** A person’s own data (GDPR articles 15, 17 and 20): given as a file, and erased. */
export function personsRoutes(routes: Binder, { db, vault, nowMs }: PersonsRoutesNeeds): void {
  const given = (who: SchoolPerson, find: Find) =>
    inSchool(db, who.school.id, async tx => {
      const found = await find(tx)
      if (!found.ok) return { problem: PROBLEMS[found.failure] }
      const atMs = nowMs()
      const held = await readHeld(tx, vault, who.school.id, found.value)
      await audit(tx, actorOf(who, atMs), {
        action: 'person.export',
        ...aboutSubject(found.value),
        after: Object.fromEntries(held.map(({ name, total }) => [name, total])),
      })
      const day = new Date(atMs).toISOString().slice(0, 10)
      return { data: { name: `personal-data-${day}.zip`, bytes: dataFile({ school: who.school.name, atMs, held }) } }
    })

  const previewed = (who: SchoolPerson, find: Find) =>
    inSchool(db, who.school.id, async tx => {
      const found = await find(tx)
      if (!found.ok) return { problem: PROBLEMS[found.failure] }
      await audit(tx, actorOf(who, nowMs()), { action: 'person.look', ...aboutSubject(found.value) })
      return { data: await previewErasure(tx, found.value) }
    })

  const erased = (
    who: SchoolPerson,
    { confirm, note }: { readonly confirm: string; readonly note?: string | undefined },
    find: Find,
  ) =>
    inSchool(db, who.school.id, async tx => {
      const found = await find(tx)
      if (!found.ok) return { problem: PROBLEMS[found.failure] }
      const { studentIds, confirms } = found.value
      // Student numbers may differ in case alone.
      const typed = (text: string) => (studentIds.length > 0 ? text : text.toLowerCase())
      if (!confirms.some(text => typed(text) === typed(confirm))) return { problem: PROBLEMS.not_confirmed }
      const done = await erase(tx, vault, actorOf(who, nowMs()), found.value, note)
      return done.ok ? { data: done.value } : { problem: PROBLEMS[done.failure] }
    })

  routes.inSchool(exportStudentData, ({ who, params }) => given(who, tx => studentSubject(tx, params.studentId)))
  routes.inSchool(exportUserData, ({ who, params }) => given(who, tx => userSubject(tx, params.userId)))
  routes.inSchool(exportVisitorData, ({ who, params }) => given(who, tx => visitorSubject(tx, params.visitorId)))
  routes.inSchool(previewVisitorErasure, ({ who, params }) =>
    previewed(who, tx => visitorSubject(tx, params.visitorId)),
  )
  routes.inSchool(eraseVisitor, ({ who, params, body }) =>
    erased(who, body, tx => visitorSubject(tx, params.visitorId)),
  )
  routes.inSchool(previewStudentErasure, ({ who, params }) =>
    previewed(who, tx => studentSubject(tx, params.studentId)),
  )
  routes.inSchool(previewUserErasure, ({ who, params }) => previewed(who, tx => userSubject(tx, params.userId)))
  routes.inSchool(eraseStudent, ({ who, params, body }) =>
    erased(who, body, tx => studentSubject(tx, params.studentId)),
  )
  routes.inSchool(eraseUser, ({ who, params, body }) => erased(who, body, tx => userSubject(tx, params.userId)))
}
