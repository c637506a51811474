import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import type { Result } from '@gatehouse/shared/result.ts'
import {
  NOT_RENEWED,
  NOT_RENEWED_SHOWN_MAX,
  type NotRenewed,
  type RenewalCounts,
  type RenewalPreview,
} from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Actor, By } from '../audit/actor.ts'
import { auditAll } from '../audit/audit.ts'
import { leave } from '../db/outbox.ts'
import { inSchool, lockSchool } from '../db/school.ts'
import type { Db, Tables, Tx } from '../db/tables.ts'
import type { JobHandler } from '../jobs/handler.ts'
import { nameOf } from '../students/name.ts'
import { passRules } from '../terms/validity.repo.ts'
import { HOLDER_NAME } from '../visitors/holder-name.ts'
import { HOST_MAY } from '../visitors/hosts.repo.ts'
import { aboutPass, searched } from './passes.repo.ts'
import { renewalEnd } from './renewal-end.ts'
import type { PassStatus } from './tables.ts'

/** In one transaction: the school's row is held for so long, and single passes wait. */
const CHUNK = 500

export type Renewal = {
  readonly passIds?: readonly string[] | undefined
  readonly filter?:
    | {
        readonly search?: string | undefined
        readonly class?: PassClass | undefined
        readonly departmentId?: string | undefined
        readonly levelId?: string | undefined
        readonly endsBefore?: string | undefined
      }
    | undefined
  readonly expires?: string | undefined
}

type Facts = {
  readonly class: PassClass
  readonly status: PassStatus
  readonly expires: Date
  readonly is_active: boolean
  readonly is_visitor: boolean
}

/** What renewing would do: how many get a later end, and of the others why not. Passes that are alike are looked at once. */
export async function previewRenewal(tx: Tx, actor: Actor, wanted: Renewal): Promise<RenewalPreview> {
  const endOf = await ending(tx, actor, wanted)
  const alike = await facts(chosen(tx, wanted))
    .select([KEY.as('key'), sql<number>`count(*)::int`.as('count')])
    .groupBy(['key', 'passes.class', 'passes.status', 'passes.expires', 'is_active', 'is_visitor'])
    .execute()
  const counts = noCounts()
  const refused = new Map<string, NotRenewed>()
  for (const { key, count, ...group } of alike) {
    const end = endOf(group)
    add(counts, end, count)
    if (!end.ok) refused.set(key, end.failure)
  }
  const rows =
    refused.size === 0
      ? []
      : await facts(chosen(tx, wanted))
          .select([KEY.as('key'), 'passes.pass_id', 'passes.serial'])
          .select(HOLDER_NAME)
          .where(KEY, '=', sql<string>`any (${[...refused.keys()]}::text[])`)
          .orderBy('passes.serial')
          .limit(NOT_RENEWED_SHOWN_MAX)
          .execute()
  return {
    ...counts,
    passes: rows.map(row => ({
      passId: row.pass_id,
      serial: Number(row.serial),
      holderName: nameOf(row),
      reason: refused.get(row.key)!,
    })),
  }
}

/**
 * The job that renews what was chosen, five hundred at a time. Begun again, it goes on where it was: what was renewed since it was
 * ordered, by itself or by hand, is passed over.
 */
export function renewMany({
  db,
  nowMs,
}: {
  readonly db: Db
  readonly nowMs: () => number
}): JobHandler<'pass_renewals'> {
  return async ({ schoolId, body: { wanted, orderedAtMs, userId, by }, progress }) => {
    const actor = (): Actor => ({ schoolId: schoolId!, userId, nowMs: nowMs(), by: by as By })
    const total = (await inSchool(db, schoolId, tx => previewRenewal(tx, actor(), wanted))).chosen
    const counts = noCounts()
    for (let after = ''; ; ) {
      const chunk = await inSchool(db, schoolId, tx => renewChunk(tx, actor(), { wanted, orderedAtMs, after }))
      for (const end of chunk.ends) add(counts, end, 1)
      await progress(counts.chosen, Math.max(total, counts.chosen))
      if (chunk.last === null) return counts
      after = chunk.last
    }
  }
}

type Asked = { readonly wanted: Renewal; readonly orderedAtMs: number; readonly after: string }

async function renewChunk(
  tx: Tx,
  actor: Actor,
  { wanted, orderedAtMs, after }: Asked,
): Promise<{ ends: Result<number, NotRenewed>[]; last: string | null }> {
  // As for a single pass: whoever changes a term or a rule waits.
  await lockSchool(tx, actor.schoolId)
  const endOf = await ending(tx, actor, wanted)
  const rows = await facts(chosen(tx, wanted))
    .select(['passes.pass_id', 'passes.student_id', 'passes.visitor_id'])
    .where('passes.pass_id', '>', after)
    .where(eb => eb.or([eb('renewed_at', 'is', null), eb('renewed_at', '<', new Date(orderedAtMs))]))
    .orderBy('passes.pass_id')
    .limit(CHUNK)
    .forUpdate('passes')
    .execute()
  const ends = rows.map(row => ({ row, end: endOf(row) }))
  const renewed = ends.flatMap(({ row, end }) => (end.ok ? [{ row, endsMs: end.value }] : []))
  if (renewed.length > 0) {
    // Clocks of two processes differ: what this order renews is never from before it.
    const at = new Date(Math.max(actor.nowMs, orderedAtMs))
    await sql`update passes set expires = later.ends, renewed_at = ${at}, changed_by = ${actor.userId}
      from unnest(${renewed.map(({ row }) => row.pass_id)}::text[],
        ${renewed.map(({ endsMs }) => new Date(endsMs).toISOString())}::timestamptz[]) as later (id, ends)
      where passes.school_id = ${actor.schoolId}::uuid and passes.pass_id = later.id`.execute(tx)
    await leave(tx, actor.schoolId, 'list.changed', {})
    await auditAll(
      tx,
      actor,
      renewed.map(({ row, endsMs }) => ({
        action: 'pass.renew' as const,
        ...aboutPass(row),
        before: { expires: row.expires.toISOString() },
        after: { expires: new Date(endsMs).toISOString() },
        note: 'One of many at once.',
      })),
    )
  }
  return { ends: ends.map(({ end }) => end), last: rows.length < CHUNK ? null : rows.at(-1)!.pass_id }
}

const noCounts = () => ({
  chosen: 0,
  renewed: 0,
  notRenewed: Object.fromEntries(NOT_RENEWED.map(reason => [reason, 0])) as Record<NotRenewed, number>,
})

function add(counts: RenewalCounts, end: Result<number, NotRenewed>, count: number): void {
  counts.chosen += count
  if (end.ok) counts.renewed += count
  else counts.notRenewed[end.failure] += count
}

/** The end that this order gives a pass of which so much is known. */
async function ending(tx: Tx, { schoolId, nowMs }: Actor, { expires }: Renewal) {
  const ruleOf = await passRules(tx, schoolId)
  const askedMs = expires === undefined ? undefined : Date.parse(expires)
  return (pass: Facts): Result<number, NotRenewed> => {
    const expiresMs = pass.expires.getTime()
    const { renewalDays, endMs: byRuleMs } = ruleOf(pass.class, Math.max(nowMs, expiresMs))
    const { status, is_active: isHolderActive, is_visitor: isVisitor } = pass
    return renewalEnd({ status, expiresMs, isHolderActive, isVisitor, byRuleMs, renewalDays }, { askedMs, nowMs })
  }
}

/** What is alike in all that decides, as one word. */
const KEY = sql<string>`concat_ws(' ', passes.class, passes.status, (extract(epoch from passes.expires) * 1000)::bigint, ${isActive()}, passes.visitor_id is not null)`

function isActive() {
  return sql<boolean>`coalesce(case when passes.student_id is null then visitors.archived_at is null and ${HOST_MAY}
    else students.archived_at is null and students.status in ('active', 'suspended') end, false)`
}

const facts = (passes: ReturnType<typeof chosen>) =>
  passes
    .select(['passes.class', 'passes.status', 'passes.expires'])
    .select([isActive().as('is_active'), sql<boolean>`passes.visitor_id is not null`.as('is_visitor')])

function chosen(tx: Tx, { passIds, filter = {} }: Renewal) {
  const { search, class: kind, departmentId, levelId, endsBefore } = filter
  return tx
    .selectFrom('passes')
    .leftJoin('students', 'students.id', 'passes.student_id')
    .leftJoin('visitors', 'visitors.id', 'passes.visitor_id')
    .leftJoin('users', 'users.id', 'visitors.host_user_id')
    .$if(passIds !== undefined, passes => passes.where('passes.pass_id', 'in', [...passIds!]))
    .$if(passIds === undefined, passes => passes.where('passes.status', '!=', 'revoked'))
    .$if(search !== undefined && search !== '', passes =>
      passes.where(eb => searched(eb as unknown as ExpressionBuilder<Tables, 'passes'>, search!)),
    )
    .$if(kind !== undefined, passes => passes.where('passes.class', '=', kind!))
    .$if(departmentId !== undefined, passes =>
      passes.where(eb =>
        departmentId === 'none'
          ? eb('students.department_id', 'is', null)
          : eb('students.department_id', '=', departmentId!),
      ),
    )
    .$if(levelId !== undefined, passes =>
      passes.where(eb =>
        levelId === 'none' ? eb('passes.access_level_id', 'is', null) : eb('passes.access_level_id', '=', levelId!),
      ),
    )
    .$if(endsBefore !== undefined, passes => passes.where('passes.expires', '<', new Date(endsBefore!)))
}
