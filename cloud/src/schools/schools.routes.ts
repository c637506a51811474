import { randomUUIDv7 } from 'node:crypto'
import {
  createSchool as createRoute,
  deactivateSchool as deactivateRoute,
  getSchool,
  getSchoolSettings,
  listDataKeys,
  listSchools as listRoute,
  reactivateSchool as reactivateRoute,
  rotateDataKeys,
  type School,
  type SchoolSettings,
  updateSchool as updateRoute,
  updateSchoolSettings,
} from '@gatehouse/shared/wire/api/schools.ts'
import { audit } from '../audit/audit.ts'
import { type SurveyedSchool, surveySchools } from '../db/definer.ts'
import { leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type Caller } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { beginRotation } from '../keys/rotate-data-keys.ts'
import type { SchoolName } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { createSchool } from './schools.repo.ts'
import { deactivateSchool, reactivateSchool, readSettings, updateSettings } from './settings.repo.ts'

export type SchoolsRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly nowMs: () => number
  /** Gives a new school what its gates trust, where this service holds the roots. */
  readonly onSchoolMade: (tx: Tx, school: SchoolName) => Promise<void>
}

const PROBLEMS = {
  no_such_school: { status: 404, code: 'not_found', message: 'There is no school with that id.' },
  tenant_taken: {
    status: 409,
    code: 'tenant_taken',
    message: 'There is a school with this tenant already. Choose another; it cannot be changed later.',
    details: [{ path: 'tenant', message: 'is another school’s' }],
  },
  no_pattern: {
    status: 422,
    code: 'validation_failed',
    message:
      'That is no pattern for student numbers. It is made of characters, classes such as [0-9] or \\d and how many of each, such as ^[A-Z]{2}-\\d{4,6}$; without groups, and with four variable counts at most.',
    details: [{ path: 'studentNumberPattern', message: 'must be characters, classes and counts' }],
  },
  changed_meanwhile: CHANGED_MEANWHILE,
  deactivated_already: { status: 409, code: 'deactivated_already', message: 'This school is deactivated already.' },
  not_deactivated: { status: 409, code: 'not_deactivated', message: 'This school is not deactivated.' },
  rotating_already: {
    status: 409,
    code: 'rotating_already',
    message: 'A new data key is being brought in already. Wait until that job is done.',
  },
} satisfies Record<string, Problem>

export function schoolsRoutes(routes: Binder, { db, vault, jobs, nowMs, onSchoolMade }: SchoolsRoutesNeeds): void {
  routes.own(listRoute, async ({ query }) => {
    const { page, limit, search = '' } = query
    const { rows, total } = await surveySchools(db, { search, limit, offset: (page - 1) * limit })
    return { data: rows.map(schoolOf), pagination: pagination(query, total) }
  })

  routes.own(getSchool, ({ params: { schoolId } }) =>
    inSchool(db, schoolId, async tx => {
      const row = await readSettings(tx, schoolId)
      return row === undefined ? { problem: PROBLEMS.no_such_school } : { data: schoolOf(row) }
    }),
  )

  routes.own(createRoute, ({ body, who }) => {
    const schoolId = randomUUIDv7()
    return inSchool(db, schoolId, async tx => {
      const made = await createSchool(tx, vault, { schoolId, ...body })
      if (!made.ok) return { problem: PROBLEMS[made.failure] }
      const subject = { kind: 'school', id: schoolId }
      await audit(tx, platformActor(who, schoolId), { action: 'school.create', subject, after: body })
      await onSchoolMade(tx, { schoolId, tenant: body.tenant })
      await leave(tx, schoolId, 'list.changed', {})
      return { data: schoolOf((await readSettings(tx, schoolId))!) }
    })
  })

  routes.own(updateRoute, ({ params: { schoolId }, body, who, ifMatch }) =>
    inSchool(db, schoolId, async tx => {
      const done = await updateSettings(tx, platformActor(who, schoolId), body, ifMatch)
      return done.ok ? { data: schoolOf(done.value) } : { problem: PROBLEMS[done.failure] }
    }),
  )

  for (const [route, work] of [
    [deactivateRoute, deactivateSchool],
    [reactivateRoute, reactivateSchool],
  ] as const) {
    routes.own(route, ({ params: { schoolId }, who }) =>
      inSchool(db, schoolId, async tx => {
        const done = await work(tx, platformActor(who, schoolId))
        return done.ok ? { data: schoolOf(done.value) } : { problem: PROBLEMS[done.failure] }
      }),
    )
  }

  routes.inSchool(getSchoolSettings, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: settingsOf((await readSettings(tx, who.school.id))!) })),
  )

  routes.inSchool(updateSchoolSettings, ({ body, who, ifMatch }) =>
    inSchool(db, who.school.id, async tx => {
      const done = await updateSettings(tx, actorOf(who, nowMs()), body, ifMatch)
      return done.ok ? { data: settingsOf(done.value) } : { problem: PROBLEMS[done.failure] }
    }),
  )

  routes.inSchool(listDataKeys, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const rows = await tx
        .selectFrom('data_keys')
        .select(['number', 'created_at', 'retired_at'])
        .orderBy('number', 'desc')
        .execute()
      return {
        data: rows.map(({ number, created_at, retired_at }) => ({
          number,
          createdAt: created_at.toISOString(),
          retiredAt: retired_at?.toISOString() ?? null,
        })),
      }
    }),
  )

  routes.inSchool(rotateDataKeys, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const begun = await beginRotation(tx, { vault, jobs }, actorOf(who, nowMs()))
      return begun.ok ? { data: begun.value } : { problem: PROBLEMS[begun.failure] }
    }),
  )

  /** A super_admin is no user of the school she acts on. */
  function platformActor({ by }: Caller, schoolId: string) {
    return { schoolId, userId: null, nowMs: nowMs(), by }
  }
}

function schoolOf(row: SurveyedSchool | Row<'schools'>): School {
  return {
    id: row.id,
    name: row.name,
    tenant: row.tenant,
    timeZone: row.time_zone,
    country: row.country,
    deactivatedAt: row.deactivated_at?.toISOString() ?? null,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

function settingsOf(row: Row<'schools'>): SchoolSettings {
  return {
    ...schoolOf(row),
    studentNumberPattern: row.student_number_pattern,
    language: row.language,
    graceDays: { inactive: row.grace_days_inactive, graduated: row.grace_days_graduated },
  }
}
