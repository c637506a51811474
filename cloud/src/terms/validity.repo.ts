import { PASS_CLASSES, type PassClass } from '@gatehouse/shared/pass/body.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { PassValidity } from '@gatehouse/shared/wire/api/terms.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Row, Tx } from '../db/tables.ts'
import { timeZoneOf } from '../schools/time-zone.ts'
import { type PassEnd, passEnd } from './pass-end.ts'
import { listTerms } from './terms.repo.ts'

export type ValidityFields = Omit<PassValidity, 'class' | 'version'>

/** Before a school says otherwise. */
const FIRST: ValidityFields = { ends: 'days', lastDay: null, days: 365, renewalDays: 30, reminderDays: [30, 7, 1] }

/** Of every kind of pass, in the order of the kinds. */
export async function listValidity(tx: Tx): Promise<PassValidity[]> {
  const rows = await tx.selectFrom('pass_validity').selectAll().execute()
  return PASS_CLASSES.map(kind =>
    of(
      kind,
      rows.find(row => row.class === kind),
    ),
  )
}

export async function validityOf(tx: Tx, kind: PassClass): Promise<PassValidity> {
  return of(kind, await tx.selectFrom('pass_validity').selectAll().where('class', '=', kind).executeTakeFirst())
}

/** When a pass of this kind that begins then ends, as the school has it. Null: no term of that day or later is known. */
export async function endOfPass(
  tx: Tx,
  { schoolId, kind, beginsMs }: { readonly schoolId: string; readonly kind: PassClass; readonly beginsMs: number },
): Promise<PassEnd | null> {
  return passEnd(await validityOf(tx, kind), { beginsMs, ...(await calendarOf(tx, schoolId)) })
}

export type PassRule = {
  /** How many days before its end a pass is renewed, and not earlier. */
  readonly renewalDays: number
  /** As `endOfPass`. */
  readonly endMs: number | null
}

/** What the school has for passes of each kind that begin then, for many at once. */
export async function passRules(tx: Tx, schoolId: string): Promise<(kind: PassClass, beginsMs: number) => PassRule> {
  const calendar = await calendarOf(tx, schoolId)
  const rules = new Map((await listValidity(tx)).map(rule => [rule.class, rule]))
  return (kind, beginsMs) => {
    const rule = rules.get(kind)!
    return { renewalDays: rule.renewalDays, endMs: passEnd(rule, { beginsMs, ...calendar })?.expiresMs ?? null }
  }
}

async function calendarOf(tx: Tx, schoolId: string) {
  const timeZone = await timeZoneOf(tx, schoolId)
  return { timeZone, terms: (await listTerms(tx)).map(row => ({ ...row, first: row.first_day, last: row.last_day })) }
}

export async function putValidity(
  tx: Tx,
  actor: Actor,
  {
    kind,
    fields,
    ifMatch,
  }: { readonly kind: PassClass; readonly fields: ValidityFields; readonly ifMatch: number | null },
): Promise<Result<PassValidity, 'changed_meanwhile'>> {
  await lockSchool(tx, actor.schoolId)
  const before = await validityOf(tx, kind)
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  const { ends, lastDay, days, renewalDays } = fields
  const reminderDays = [...new Set(fields.reminderDays)].toSorted((a, b) => b - a)
  const columns = { ends, last_day: lastDay, days, renewal_days: renewalDays, reminder_days: reminderDays }
  const row = await tx
    .insertInto('pass_validity')
    .values({ school_id: actor.schoolId, class: kind, ...columns })
    .onConflict(conflict =>
      conflict.columns(['school_id', 'class']).doUpdateSet({ ...columns, version: sql`pass_validity.version + 1` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  const after = of(kind, row)
  await audit(tx, actor, {
    action: 'pass_validity.update',
    subject: { kind: 'pass_validity', id: kind },
    ...changes(factsOf(before), factsOf(after)),
  })
  return ok(after)
}

function of(kind: PassClass, row: Row<'pass_validity'> | undefined): PassValidity {
  if (row === undefined) return { class: kind, ...FIRST, version: 0 }
  const { ends, last_day: lastDay, days, renewal_days: renewalDays, reminder_days: reminderDays, version } = row
  return { class: kind, ends, lastDay, days, renewalDays, reminderDays, version }
}

function factsOf({ ends, lastDay, days, renewalDays, reminderDays }: PassValidity) {
  return { ends, lastDay, days, renewalDays, reminderDays }
}
