import { createHash } from 'node:crypto'
import type { Route } from '@gatehouse/shared/wire/contract.ts'
import type { Request } from 'express'
import { sql } from 'kysely'
import { whileCommitting } from '../db/committing.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Problem } from './problem.ts'

/** How long an answer is given again. */
export const ANSWER_KEPT_MS = 24 * 3_600_000

/** Who began, wrote nothing and did not answer within this is gone, and the next one may begin. */
export const BEGUN_MS_MAX = 60_000

/** A longer answer is not kept. */
const ANSWER_CHARS_MAX = 256 * 1024

const PROBLEMS = {
  malformed: {
    status: 400,
    code: 'malformed_idempotency_key',
    message: 'Idempotency-Key must be 1 to 200 printable characters without blanks, such as a UUID.',
  },
  other_request: {
    status: 422,
    code: 'idempotency_key_used',
    message: 'This Idempotency-Key was used for another request. Take a new key for each thing to be done.',
  },
  in_progress: {
    status: 409,
    code: 'in_progress',
    message: 'A request with this Idempotency-Key is being carried out at this moment. Ask again shortly.',
  },
  done_before: {
    status: 409,
    code: 'done_before',
    message:
      'A request with this Idempotency-Key was carried out before, and its answer is not kept. Look what became of it; to do it once more take a new key.',
  },
} satisfies Record<string, Problem>

type Kept = { readonly problem: Problem } | { readonly data: unknown } | { readonly sent: true }

export type AskedOnce = {
  readonly route: Route
  readonly req: Request
  readonly userId: string
  /** Where the route's transactions are: the school, or null for what a super_admin does for herself. */
  readonly schoolId: string | null
}

export type Once = <Answer extends Kept>(
  asked: AskedOnce,
  work: () => Promise<Answer>,
) => Promise<Answer | { readonly problem: Problem }>

const KEY = /^[\x21-\x7e]{1,200}$/

/**
 * Answers a POST with an Idempotency-Key as it was answered before to the same person with the same key, or carries it
 * out. Each transaction of the work marks the key as it commits: after a crash nothing is done twice. Answers with a
 * secret in them are never kept.
 */
export function answeredOnce({ db, nowMs }: { readonly db: Db; readonly nowMs: () => number }): Once {
  return async (asked, work) => {
    const { route, req, userId, schoolId } = asked
    const key = req.get('idempotency-key')
    // A file is made anew; nothing of it is kept.
    if (key === undefined || route.method !== 'post' || route.file !== undefined) return work()
    if (!KEY.test(key)) return { problem: PROBLEMS.malformed }
    const place = { schoolId, userId, key }
    const requestHash = hashOf(asked)

    const before = await inSchool(db, schoolId, tx => begin(tx, place, requestHash, nowMs()))
    if (before !== null) return answerOf(before, requestHash, nowMs())

    let committing = false
    try {
      const answer = await whileCommitting(async (tx, of) => {
        if (of !== schoolId) return
        committing = true
        await own(tx, place).set({ committed: true }).execute()
      }, work)
      const text = JSON.stringify(answer)
      const status = 'problem' in answer ? answer.problem.status : (route.status ?? 200)
      const body = isSecret(route) || 'sent' in answer || text.length > ANSWER_CHARS_MAX ? null : text
      await inSchool(db, schoolId, tx => own(tx, place).set({ status, body }).execute())
      return answer
    } catch (problem) {
      if (!committing) await inSchool(db, schoolId, tx => forget(tx, place))
      throw problem
    }
  }
}

/** Keys, codes and tokens are shown once. What is said under `/auth` is one person's, and most of it is such. */
const isSecret = ({ answersSecret, path }: Route) => answersSecret === true || path.startsWith('/auth/')

type Place = { readonly schoolId: string | null; readonly userId: string; readonly key: string }
type Begun = {
  readonly request_hash: string
  readonly begun_at: Date
  readonly committed: boolean
  readonly status: number | null
  readonly body: string | null
}

/** null: this request is the first with its key. Of two at once one waits here for the other's row. */
async function begin(tx: Tx, place: Place, request_hash: string, nowMs: number): Promise<Begun | null> {
  const { schoolId: school_id, userId: user_id, key } = place
  const isOld = sql<boolean>`(begun_at < ${new Date(nowMs - ANSWER_KEPT_MS)}
    or (not committed and status is null and begun_at < ${new Date(nowMs - BEGUN_MS_MAX)}))`
  await tx.deleteFrom('answers_given').where('user_id', '=', user_id).where('key', '=', key).where(isOld).execute()
  const begun = await tx
    .insertInto('answers_given')
    .values({ school_id, user_id, key, request_hash, begun_at: new Date(nowMs), status: null, body: null })
    .onConflict(conflict => conflict.columns(['school_id', 'user_id', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst()
  if (begun !== undefined) return null
  return tx
    .selectFrom('answers_given')
    .selectAll()
    .where('user_id', '=', user_id)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

function answerOf<Answer extends Kept>(
  before: Begun,
  requestHash: string,
  nowMs: number,
): Answer | { problem: Problem } {
  if (before.request_hash !== requestHash) return { problem: PROBLEMS.other_request }
  if (before.status === null) {
    // Between its commit and its answer it is still in hand; after a minute its process is not.
    const isYoung = before.begun_at.getTime() > nowMs - BEGUN_MS_MAX
    return { problem: isYoung ? PROBLEMS.in_progress : PROBLEMS.done_before }
  }
  return before.body === null ? { problem: PROBLEMS.done_before } : (JSON.parse(before.body) as Answer)
}

const own = (tx: Tx, { userId, key }: Place) =>
  tx.updateTable('answers_given').where('user_id', '=', userId).where('key', '=', key)

const forget = (tx: Tx, { userId, key }: Place) =>
  tx.deleteFrom('answers_given').where('user_id', '=', userId).where('key', '=', key).execute()

/** Answers of yesterday. Answers how many. */
export async function forgetAnswers(tx: Tx, nowMs: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('answers_given')
    .where('begun_at', '<', new Date(nowMs - ANSWER_KEPT_MS))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

function hashOf({ route, req }: AskedOnce): string {
  return createHash('sha256')
    .update(
      JSON.stringify([route.method, route.path, req.params, req.query, req.body ?? null, req.get('if-match') ?? null]),
    )
    .digest('hex')
}
