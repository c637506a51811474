import type { EventRecord } from '@gatehouse/shared/events/record.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { sql } from 'kysely'
import type { Tx } from '../db/tables.ts'
import { ALARMS } from '../mail/templates/gates.ts'
import { notify } from '../notifications/notify.ts'
import { GATE_PEOPLE } from './gate-news.ts'

/** What a gate that was away tells of later is history, and is read in the events. */
const LATE_MS = 15 * 60_000
/** A door that is forced again and again is one matter. */
const ONCE_IN_MINUTES = 10

/** The word of an alarm, as the templates know it; null: nobody is told. */
export function alarmOf({ kind, details }: Pick<EventRecord, 'kind' | 'details'>): string | null {
  const word = String(kind === 'alarm' ? (details?.problem ?? details?.refused) : kind)
  return Object.hasOwn(ALARMS, word) ? word : null
}

type Stored = { readonly record: EventRecord; readonly line: AccessLine }

/** Tells who looks after gates of alarms that were stored just now, in the transaction that stores them; the same at one gate once in ten minutes. */
export async function tellOfAlarms(tx: Tx, schoolId: string, stored: readonly Stored[]): Promise<void> {
  for (const { record, line } of stored) {
    const alarm = alarmOf(record)
    if (alarm === null || Date.parse(line.receivedAt) - Date.parse(line.at) > LATE_MS) continue
    const path = `/gates/${line.gateId}`
    const told = await tx
      .selectFrom('notifications')
      .select('id')
      .where('kind', '=', 'gate_alarm')
      .where('path', '=', path)
      .where(sql<boolean>`facts ->> 'alarm' = ${alarm}`)
      .where(sql<boolean>`made_at > now() - ${ONCE_IN_MINUTES} * interval '1 minute'`)
      .limit(1)
      .executeTakeFirst()
    if (told !== undefined) continue
    await notify(tx, schoolId, {
      kind: 'gate_alarm',
      to: { right: GATE_PEOPLE },
      facts: { gate: line.gateName, alarm, at: line.at },
      path,
    })
  }
}
