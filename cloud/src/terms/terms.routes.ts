import {
  createTerm as createRoute,
  deleteTerm as deleteRoute,
  listPassValidity,
  listTerms as listRoute,
  putPassValidity,
  type Term,
  updateTerm as updateRoute,
} from '@gatehouse/shared/wire/api/terms.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import {
  createTerm,
  deleteTerm,
  listTerms,
  type TermRefused,
  type TermRow,
  updateTerm,
  whyWords,
} from './terms.repo.ts'
import { listValidity, putValidity } from './validity.repo.ts'

const PROBLEMS = {
  no_such_term: { status: 404, code: 'not_found', message: 'There is no term with that id.' },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export function termsRoutes(routes: Binder, { db, nowMs }: { readonly db: Db; readonly nowMs: () => number }): void {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listTerms(tx)).map(termOf) })),
  )

  routes.inSchool(createRoute, async ({ body, who }) => {
    const made = await inSchool(db, who.school.id, tx => createTerm(tx, actorOf(who, nowMs()), body))
    return made.ok ? { data: termOf(made.value) } : { problem: problemOf(made.refused) }
  })

  routes.inSchool(updateRoute, async ({ params: { termId }, body, ifMatch, who }) => {
    const change = body as Parameters<typeof updateTerm>[2]['change']
    const changed = await inSchool(db, who.school.id, tx =>
      updateTerm(tx, actorOf(who, nowMs()), { termId, change, ifMatch }),
    )
    return changed.ok ? { data: termOf(changed.value) } : { problem: problemOf(changed.refused) }
  })

  routes.inSchool(deleteRoute, async ({ params: { termId }, ifMatch, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteTerm(tx, actorOf(who, nowMs()), { termId, ifMatch }))
    return gone.ok ? { data: { id: termId } } : { problem: PROBLEMS[gone.failure] }
  })

  routes.inSchool(listPassValidity, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await listValidity(tx) })),
  )

  routes.inSchool(putPassValidity, async ({ params: { class: kind }, body: fields, ifMatch, who }) => {
    const kept = await inSchool(db, who.school.id, tx =>
      putValidity(tx, actorOf(who, nowMs()), { kind, fields, ifMatch }),
    )
    return kept.ok ? { data: kept.value } : { problem: PROBLEMS[kept.failure] }
  })
}

function problemOf(refused: TermRefused | { readonly why: keyof typeof PROBLEMS }): Problem {
  if (refused.why in PROBLEMS) return PROBLEMS[refused.why as keyof typeof PROBLEMS]
  const { why } = refused as TermRefused
  const message = whyWords(refused as TermRefused)
  switch (why) {
    case 'backward': {
      const details = [{ path: 'lastDay', message: 'is before the first' }]
      return { status: 422, code: 'validation_failed', message, details }
    }
    case 'overlaps':
      return { status: 409, code: why, message, details: [{ path: 'firstDay', message }] }
    case 'crosses_year':
      return { status: 409, code: why, message, details: [{ path: 'lastDay', message }] }
    case 'too_many':
      return { status: 409, code: why, message }
  }
}

export function termOf({
  id,
  name,
  kind,
  first_day: firstDay,
  last_day: lastDay,
  external_id: externalId,
  version,
}: TermRow): Term {
  return { id, name, kind, firstDay, lastDay, imported: externalId !== null, version }
}
