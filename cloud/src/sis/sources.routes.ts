import {
  createImportSource,
  deleteImportSource,
  listImportSources,
  syncImportSource,
  updateImportSource,
} from '@gatehouse/shared/wire/api/import-sources.ts'
import { inSchool } from '../db/school.ts'
import type { Row } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { importOf } from './imports.repo.ts'
import { beginSync } from './roster-sync.ts'
import type { ImportNeeds } from './run-import.ts'
import { createSource, deleteSource, listSources, type SourceFields, sourceOf, updateSource } from './sources.repo.ts'

const PROBLEMS = {
  no_such_source: { status: 404, code: 'not_found', message: 'There is no source with that id.' },
  name_taken: {
    status: 409,
    code: 'name_taken',
    message: 'Another source has this name.',
    details: [{ path: 'name', message: 'is another source’s' }],
  },
  too_many_sources: {
    status: 409,
    code: 'too_many_sources',
    message: 'A school has at most 10 sources. Delete one first.',
  },
  changed_meanwhile: {
    status: 409,
    code: 'changed_meanwhile',
    message: 'Somebody changed this source meanwhile. Look at it again, and change it then.',
  },
  too_many_imports: {
    status: 409,
    code: 'too_many_imports',
    message: 'Twenty imports wait to be applied or given up. Deal with one of them first.',
  },
} satisfies Record<string, Problem>

export function sourcesRoutes(routes: Binder, { db, vault, jobs, nowMs }: ImportNeeds): void {
  /** After the commit: the schedule is the queue's own. */
  const schedule = async ({ school }: SchoolPerson, { id, name, cron }: Row<'import_sources'>) => {
    if (cron === null) return jobs.repeatNoMore('roster_sync', id)
    await jobs.repeat({
      kind: 'roster_sync',
      schoolId: school.id,
      body: { sourceId: id },
      title: `Reading ${name}`,
      key: id,
      cron,
      timeZone: school.timeZone,
    })
  }

  routes.inSchool(listImportSources, async ({ who }) => ({
    data: (await inSchool(db, who.school.id, tx => listSources(tx))).map(sourceOf),
  }))

  routes.inSchool(createImportSource, async ({ body, who }) => {
    const sealed = { vault, tenant: who.school.tenant }
    const made = await inSchool(db, who.school.id, tx => createSource(tx, actorOf(who, nowMs()), sealed, body))
    if (!made.ok) return { problem: PROBLEMS[made.failure] }
    await schedule(who, made.value)
    return { data: sourceOf(made.value) }
  })

  routes.inSchool(updateImportSource, async ({ params: { sourceId }, body, ifMatch, who }) => {
    const sealed = { vault, tenant: who.school.tenant }
    const change = body as Partial<SourceFields>
    const changed = await inSchool(db, who.school.id, tx =>
      updateSource(tx, actorOf(who, nowMs()), sealed, { sourceId, ifMatch, change }),
    )
    if (!changed.ok) return { problem: PROBLEMS[changed.failure] }
    await schedule(who, changed.value)
    return { data: sourceOf(changed.value) }
  })

  routes.inSchool(deleteImportSource, async ({ params: { sourceId }, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteSource(tx, actorOf(who, nowMs()), sourceId))
    if (!gone.ok) return { problem: PROBLEMS[gone.failure] }
    await jobs.repeatNoMore('roster_sync', sourceId)
    return { data: null }
  })

  routes.inSchool(syncImportSource, async ({ params: { sourceId }, who }) => {
    const by = { userId: who.role === 'super_admin' ? null : who.userId, name: who.displayName, role: who.role }
    const begun = await inSchool(db, who.school.id, tx => beginSync(tx, jobs, actorOf(who, nowMs()), { sourceId, by }))
    return begun.ok ? { data: importOf(begun.value) } : { problem: PROBLEMS[begun.failure] }
  })
}
