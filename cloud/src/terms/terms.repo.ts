import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'

/** Four terms and a year for a century. */
export const TERMS_MAX = 500

export type TermRow = Row<'terms'>
export type TermFields = {
  readonly name: string
  readonly kind: 'term' | 'school_year'
  /** `2026-09-01`; both days belong to it. */
  readonly firstDay: string
  readonly lastDay: string
}

export type TermRefused =
  | { readonly why: 'backward' }
  /** Two of a kind share days. */
  | { readonly why: 'overlaps'; readonly name: string }
  /** A term begins in one school year and ends outside it. */
  | { readonly why: 'crosses_year'; readonly name: string }
  | { readonly why: 'too_many' }

/** For people. */
export function whyWords(refused: TermRefused): string {
  switch (refused.why) {
    case 'backward':
      return 'The last day is before the first.'
    case 'overlaps':
      return `It shares days with “${refused.name}”. Change the days of one of them.`
    case 'crosses_year':
      return `A term lies in one school year: it and “${refused.name}” share only a part of their days.`
    case 'too_many':
      return `A school keeps ${TERMS_MAX} terms at most. Take away those that are long over.`
  }
}

type Kept = { readonly ok: true; readonly value: TermRow }
type Refused<Why = TermRefused> = { readonly ok: false; readonly refused: Why }

export function listTerms(tx: Tx): Promise<TermRow[]> {
  return tx.selectFrom('terms').selectAll().orderBy('first_day', 'desc').orderBy('kind').orderBy('name').execute()
}

export async function createTerm(tx: Tx, actor: Actor, fields: TermFields): Promise<Kept | Refused> {
  await lockSchool(tx, actor.schoolId)
  const others = await listTerms(tx)
  const refused = others.length >= TERMS_MAX ? ({ why: 'too_many' } as const) : whyNot(fields, others)
  if (refused !== null) return { ok: false, refused }
  return { ok: true, value: await insert(tx, actor, fields, null) }
}

export async function updateTerm(
  tx: Tx,
  actor: Actor,
  {
    termId,
    change,
    ifMatch,
  }: { readonly termId: string; readonly change: Partial<TermFields>; readonly ifMatch: number | null },
): Promise<Kept | Refused<TermRefused | { readonly why: 'no_such_term' | 'changed_meanwhile' }>> {
  await lockSchool(tx, actor.schoolId)
  const all = await listTerms(tx)
  const before = all.find(({ id }) => id === termId)
  if (before === undefined) return { ok: false, refused: { why: 'no_such_term' } }
  if (ifMatch !== null && ifMatch !== before.version) return { ok: false, refused: { why: 'changed_meanwhile' } }
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  const fields = { ...fieldsOf(before), ...Object.fromEntries(given) }
  const others = all.filter(({ id }) => id !== termId)
  const refused = whyNot(fields, others)
  if (refused !== null) return { ok: false, refused }
  return { ok: true, value: await keepChange(tx, actor, before, fields) }
}

export async function deleteTerm(
  tx: Tx,
  actor: Actor,
  { termId, ifMatch }: { readonly termId: string; readonly ifMatch: number | null },
): Promise<Result<null, 'no_such_term' | 'changed_meanwhile'>> {
  const row = await tx.selectFrom('terms').selectAll().where('id', '=', termId).forUpdate().executeTakeFirst()
  if (row === undefined) return fail('no_such_term')
  if (ifMatch !== null && ifMatch !== row.version) return fail('changed_meanwhile')
  await tx.deleteFrom('terms').where('id', '=', termId).execute()
  await audit(tx, actor, { action: 'term.delete', subject: subjectOf(row), before: { ...fieldsOf(row) } })
  return ok(null)
}

/** A term as another system names it. */
export type ImportedTerm = TermFields & { readonly externalId: string }

export type EnteredTerms = {
  readonly created: number
  readonly changed: number
  readonly same: number
  /** What was left out, and why; the others are entered all the same. */
  readonly refused: readonly { readonly externalId: string; readonly refused: TermRefused }[]
}

/** What entering a term of an import does. */
export type ForeseenTerm = { readonly term: ImportedTerm } & (
  | { readonly action: 'make' }
  | { readonly action: 'change' | 'none'; readonly before: TermRow }
  | { readonly action: 'refuse'; readonly refused: TermRefused }
)

/**
 * What entering terms of an import would do, by their id there: new ones are made, known ones changed, those that are not named stay.
 * School years first, because terms lie in them. Rows are compared with what stays and with those before them.
 */
export async function foreseeTerms(tx: Tx, rows: readonly ImportedTerm[]): Promise<ForeseenTerm[]> {
  const named = new Set(rows.map(({ externalId }) => externalId))
  const all = await listTerms(tx)
  const known = new Map(all.flatMap(row => (row.external_id === null ? [] : [[row.external_id, row] as const])))
  // What this import names is compared as it will be, not as it was: a whole calendar may move by a week.
  const standing: Standing[] = all.filter(row => row.external_id === null || !named.has(row.external_id))
  // Of two with one id the last stands.
  return [...new Map(rows.map(term => [term.externalId, term])).values()]
    .toSorted((a, b) => order(a) - order(b))
    .map((term): ForeseenTerm => {
      const before = known.get(term.externalId)
      const isNew = before === undefined
      const refused = isNew && standing.length >= TERMS_MAX ? ({ why: 'too_many' } as const) : whyNot(term, standing)
      if (refused !== null) return { term, action: 'refuse', refused }
      standing.push(columnsOf(term))
      if (isNew) return { term, action: 'make' }
      const isSame = JSON.stringify(fieldsOf(before)) === JSON.stringify(inOrder(term))
      return { term, action: isSame ? 'none' : 'change', before }
    })
}

/** Enters terms of an import. One that cannot be is left out, and the others are entered. */
export async function enterTerms(tx: Tx, actor: Actor, rows: readonly ImportedTerm[]): Promise<EnteredTerms> {
  await lockSchool(tx, actor.schoolId)
  const counts = { created: 0, changed: 0, same: 0 }
  const refused: EnteredTerms['refused'][number][] = []
  for (const foreseen of await foreseeTerms(tx, rows)) {
    const { externalId, ...fields } = foreseen.term
    switch (foreseen.action) {
      case 'refuse':
        refused.push({ externalId, refused: foreseen.refused })
        break
      case 'make':
        await insert(tx, actor, fields, externalId)
        counts.created++
        break
      case 'change':
        await keepChange(tx, actor, foreseen.before, fields)
        counts.changed++
        break
      case 'none':
        counts.same++
    }
  }
  return { ...counts, refused }
}

type Standing = Pick<TermRow, 'name' | 'kind' | 'first_day' | 'last_day'>

const order = ({ kind }: TermFields) => (kind === 'school_year' ? 0 : 1)

/** What stands against a term beside these; null: nothing. */
export function whyNot(fields: TermFields, others: readonly Standing[]): TermRefused | null {
  if (fields.lastDay < fields.firstDay) return { why: 'backward' }
  const shares = (row: Standing) => row.first_day <= fields.lastDay && row.last_day >= fields.firstDay
  const same = others.find(row => row.kind === fields.kind && shares(row))
  if (same !== undefined) return { why: 'overlaps', name: same.name }
  const crossed = others.find(row => {
    if (row.kind === fields.kind || !shares(row)) return false
    const [year, term] = fields.kind === 'school_year' ? [daysOf(fields), daysOf(row)] : [daysOf(row), daysOf(fields)]
    return term.first < year.first || term.last > year.last
  })
  return crossed === undefined ? null : { why: 'crosses_year', name: crossed.name }
}

function daysOf(term: TermFields | Standing): { readonly first: string; readonly last: string } {
  return 'firstDay' in term
    ? { first: term.firstDay, last: term.lastDay }
    : { first: term.first_day, last: term.last_day }
}

async function insert(tx: Tx, actor: Actor, fields: TermFields, externalId: string | null): Promise<TermRow> {
  const row = await tx
    .insertInto('terms')
    .values({ id: randomUUIDv7(), school_id: actor.schoolId, ...columnsOf(fields), external_id: externalId })
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, { action: 'term.create', subject: subjectOf(row), after: { ...inOrder(fields) } })
  return row
}

async function keepChange(tx: Tx, actor: Actor, before: TermRow, fields: TermFields): Promise<TermRow> {
  const row = await tx
    .updateTable('terms')
    .set({ ...columnsOf(fields), version: sql`version + 1` })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, {
    action: 'term.update',
    subject: subjectOf(row),
    ...changes(fieldsOf(before), inOrder(fields)),
  })
  return row
}

function columnsOf({ name, kind, firstDay, lastDay }: TermFields) {
  return { name, kind, first_day: firstDay, last_day: lastDay }
}

function inOrder({ name, kind, firstDay, lastDay }: TermFields) {
  return { name, kind, firstDay, lastDay }
}

function fieldsOf({ name, kind, first_day: firstDay, last_day: lastDay }: TermRow) {
  return { name, kind, firstDay, lastDay }
}

const subjectOf = ({ id }: TermRow) => ({ kind: 'term', id })
