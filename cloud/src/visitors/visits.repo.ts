import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { Temporal } from '@gatehouse/shared/time.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import { enterPass, type IssueRefused, type Opens, opensOf } from '../passes/issue-pass.ts'
import { type PassRow, revokePass } from '../passes/passes.repo.ts'
import { dayIn, timeZoneOf } from '../schools/time-zone.ts'
import { endOfPass } from '../terms/validity.repo.ts'
import { mayHost } from './hosts.repo.ts'
import { aboutVisitor, enterVisitor, holdVisitor, type VisitorFields, type VisitorRefused } from './visitors.repo.ts'

export type VisitTimes = {
  /** Left out: now. */
  readonly fromMs?: number | undefined
  /** Left out: the end of the first day in the school's zone. */
  readonly untilMs?: number | undefined
  /** Left out: the default for passes of visitors. */
  readonly levelId?: string | undefined
}

/** Said of a pass whose visit was ended without a word. */
export const VISIT_OVER = 'The visit is over.'

/** As they were asked for. */
export function timesOf({
  from,
  until,
}: {
  from?: string | undefined
  until?: string | undefined
}): Pick<VisitTimes, 'fromMs' | 'untilMs'> {
  return {
    fromMs: from === undefined ? undefined : Date.parse(from),
    untilMs: until === undefined ? undefined : Date.parse(until),
  }
}

export type NewVisit = VisitTimes & {
  readonly visitorId: string
  readonly escort: boolean
  /** Left out: as it is. */
  readonly hostUserId?: string | undefined
  readonly purpose?: string | null | undefined
}

export type VisitRefused =
  | Extract<
      IssueRefused,
      | 'no_such_level'
      | 'level_archived'
      | 'level_of_other_kind'
      | 'no_default_level'
      | 'no_term'
      | 'ends_before_it_begins'
    >
  | 'no_such_visitor'
  | 'no_such_host'
  | 'visit_open'
  | 'ends_in_the_past'
  | 'too_long'

type Plan = { readonly opens: Opens; readonly beginsMs: number; readonly endsMs: number }

/** What the pass for a visit opens, and when. It lasts no longer than the school lets passes of visitors. The school's row is held. */
async function planVisit(tx: Tx, actor: Actor, asked: VisitTimes): Promise<Result<Plan, VisitRefused>> {
  await lockSchool(tx, actor.schoolId)
  const opens = await opensOf(tx, { class: 'visitor', levelId: asked.levelId }, null)
  if (!opens.ok) return fail(opens.failure as VisitRefused)
  const end = await endOf(tx, actor, asked)
  return end.ok ? ok({ opens: opens.value, ...end.value }) : end
}

function enterVisit(tx: Tx, actor: Actor, visitorId: string, { escort, ...plan }: Plan & { readonly escort: boolean }) {
  return enterPass(tx, actor, { holder: { student_id: null, visitor_id: visitorId, escort }, ...plan })
}

/** Enters a visitor with the pass for the visit. Whatever refuses does so before anything is written. Answers the visitor's id. */
export async function receiveVisitor(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  { person, visit }: { readonly person: VisitorFields; readonly visit: VisitTimes & { readonly escort: boolean } },
): Promise<Result<string, VisitRefused | VisitorRefused>> {
  const plan = await planVisit(tx, actor, visit)
  if (!plan.ok) return plan
  const visitorId = await enterVisitor(tx, vault, actor, person)
  if (!visitorId.ok) return visitorId
  await enterVisit(tx, actor, visitorId.value, { ...plan.value, escort: visit.escort })
  return visitorId
}

/** Issues the pass for another visit: the only open one of the visitor. */
export async function beginVisit(tx: Tx, actor: Actor, asked: NewVisit): Promise<Result<PassRow, VisitRefused>> {
  const plan = await planVisit(tx, actor, asked)
  if (!plan.ok) return plan
  const visitor = await holdVisitor(tx, asked.visitorId)
  if (visitor === undefined) return fail('no_such_visitor')
  const { hostUserId = visitor.host_user_id, purpose = visitor.purpose } = asked
  if (!(await mayHost(tx, hostUserId))) return fail('no_such_host')
  if ((await openPasses(tx, visitor.id, actor.nowMs)).length > 0) return fail('visit_open')
  if (hostUserId !== visitor.host_user_id || purpose !== visitor.purpose) {
    await tx
      .updateTable('visitors')
      .set({
        host_user_id: hostUserId,
        purpose,
        updated_at: new Date(actor.nowMs),
        version: sql`version + 1`,
      })
      .where('id', '=', visitor.id)
      .execute()
    await audit(tx, actor, {
      action: 'visitor.update',
      ...aboutVisitor(visitor.id),
      before: { hostUserId: visitor.host_user_id, purpose: visitor.purpose },
      after: { hostUserId, purpose },
    })
  }
  return ok(await enterVisit(tx, actor, visitor.id, { ...plan.value, escort: asked.escort }))
}

/** Revokes what the visitor still has. Answers how many passes that were. */
export async function endVisit(
  tx: Tx,
  actor: Actor,
  { visitorId, note }: { readonly visitorId: string; readonly note: string },
): Promise<Result<number, 'no_such_visitor' | 'no_open_visit'>> {
  if ((await holdVisitor(tx, visitorId)) === undefined) return fail('no_such_visitor')
  const open = await openPasses(tx, visitorId, actor.nowMs)
  if (open.length === 0) return fail('no_open_visit')
  for (const passId of open) {
    const revoked = await revokePass(tx, actor, { passId, note })
    if (!revoked.ok) throw new Error(`pass ${passId} of a visit was not revoked: ${revoked.failure}`)
  }
  return ok(open.length)
}

/** Passes that open something or may again, also those whose time is to come. */
async function openPasses(tx: Tx, visitorId: string, nowMs: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('passes')
    .select('pass_id')
    .where('visitor_id', '=', visitorId)
    .where('revoked_at', 'is', null)
    .where('expires', '>', new Date(nowMs))
    .orderBy('pass_id')
    .forUpdate()
    .execute()
  return rows.map(({ pass_id }) => pass_id)
}

async function endOf(
  tx: Tx,
  { schoolId, nowMs }: Actor,
  { fromMs, untilMs }: VisitTimes,
): Promise<
  Result<{ beginsMs: number; endsMs: number }, 'no_term' | 'too_long' | 'ends_before_it_begins' | 'ends_in_the_past'>
> {
  const beginsMs = fromMs ?? nowMs
  const latest = await endOfPass(tx, { schoolId, kind: 'visitor', beginsMs })
  if (latest === null) return fail('no_term')
  const endsMs = untilMs ?? Math.min(await endOfDay(tx, schoolId, beginsMs), latest.expiresMs)
  if (endsMs <= beginsMs) return fail('ends_before_it_begins')
  if (endsMs <= nowMs) return fail('ends_in_the_past')
  return endsMs > latest.expiresMs ? fail('too_long') : ok({ beginsMs, endsMs })
}

/** 24:00 of the day in the school's zone, whether it has 23, 24 or 25 hours. */
async function endOfDay(tx: Tx, schoolId: string, atMs: number): Promise<number> {
  const timeZone = await timeZoneOf(tx, schoolId)
  return Temporal.PlainDate.from(dayIn(timeZone, atMs)).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds
}
