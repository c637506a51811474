import type { Sql } from './connect.ts'

/** Months made ahead: a process that is not restarted for a quarter still finds its partition. */
export const MONTHS_AHEAD = 4

/**
 * Makes the partitions of access_events from the month before `now` on, as the owner. Rows that came before their
 * month had a partition wait in the default one and are moved. Answers the names made.
 */
export async function makePartitions(sql: Sql, now: Date, monthsAhead: number = MONTHS_AHEAD): Promise<string[]> {
  const made: string[] = []
  for (let offset = -1; offset <= monthsAhead; offset++) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1))
    const until = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset + 1, 1))
    const name = `access_events_${from.getUTCFullYear()}_${String(from.getUTCMonth() + 1).padStart(2, '0')}`
    const there = await sql.rows<{ there: boolean }>('select to_regclass($1) is not null as there', [`public.${name}`])
    if (there[0]!.there) continue

    const range = `event_time >= '${from.toISOString()}' and event_time < '${until.toISOString()}'`
    // Writers wait for the lock: no row may slip into the default partition between the move and the attachment.
    await sql.run(`
      lock table access_events in access exclusive mode;
      create table ${name} (like access_events including defaults including constraints);
      with moved as (delete from access_events_default where ${range} returning *) insert into ${name} select * from moved;
      alter table access_events attach partition ${name} for values from ('${from.toISOString()}') to ('${until.toISOString()}');`)
    made.push(name)
  }
  return made
}
