import { sql } from 'kysely'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Log } from '../http/log.ts'
import { startForEachSchool } from '../jobs/each-school.ts'
import { notify } from '../notifications/notify.ts'
import { nameOf } from '../students/name.ts'
import { listValidity } from '../terms/validity.repo.ts'

const EVERY_MS = 15 * 60_000
/** In one transaction; the rest follow at once, and what is left over the next time. */
const AT_ONCE = 200
const ROUNDS_MAX = 50

/** Tells holders that their pass ends soon, on the days before that the school says, until it is stopped. */
export function startExpiryReminders({
  db,
  nowMs,
  log,
}: {
  readonly db: Db
  readonly nowMs: () => number
  readonly log: Log
}): () => Promise<void> {
  return startForEachSchool({ db, log, everyMs: EVERY_MS, failed: 'passes.not_reminded' }, async schoolId => {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if ((await inSchool(db, schoolId, tx => remindOfExpiry(tx, schoolId, nowMs()))) < AT_ONCE) return
    }
  })
}

/**
 * Tells whom a reminder is due, {@link AT_ONCE} at most, and answers how many. A pass is reminded of once for each day that is set, and not
 * of days that were past when it was issued. Who cannot be reached is passed over. The passes are held until the commit: of two processes one tells.
 */
export async function remindOfExpiry(tx: Tx, schoolId: string, nowMs: number): Promise<number> {
  const now = new Date(nowMs).toISOString()
  let count = 0
  for (const { class: kind, reminderDays } of await listValidity(tx)) {
    if (reminderDays.length === 0 || count >= AT_ONCE) continue
    const due = await sql<Due>`
      select passes.pass_id, passes.student_id, passes.serial, passes.expires, students.first_name, students.last_name
      from passes
      join students on students.school_id = passes.school_id and students.id = passes.student_id
      cross join lateral (
        select passes.expires - min(days) * interval '1 day' as since from unnest(${reminderDays}::int[]) as days
        where passes.expires - days * interval '1 day' <= ${now}::timestamptz
      ) as reminder
      where passes.school_id = ${schoolId} and passes.class = ${kind} and passes.status = 'active'
        and passes.expires > ${now}::timestamptz
        and passes.expires <= ${now}::timestamptz + ${Math.max(...reminderDays)} * interval '1 day'
        and reminder.since > passes.created_at
        and (select users.active from users where users.school_id = students.school_id and users.id = students.user_id) is not false
        and (students.user_id is not null or students.email is not null)
        and not exists (
          select from notifications where notifications.school_id = passes.school_id and notifications.kind = 'pass_expiring'
            and notifications.student_id = passes.student_id and notifications.made_at >= reminder.since
            and notifications.facts ->> 'number' = passes.serial::text
        )
      order by passes.expires, passes.pass_id limit ${AT_ONCE - count}
      for no key update of passes skip locked`.execute(tx)
    for (const row of due.rows) {
      await notify(tx, schoolId, {
        kind: 'pass_expiring',
        to: { studentId: row.student_id },
        facts: { holder: nameOf(row), number: String(row.serial), until: row.expires.toISOString() },
        path: '/my',
      })
    }
    count += due.rows.length
  }
  return count
}

type Due = {
  readonly pass_id: string
  readonly student_id: string
  readonly serial: number | string
  readonly expires: Date
  readonly first_name: string
  readonly last_name: string
}
