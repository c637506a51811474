import { sql } from 'kysely'
import type { Database } from '../db/connect.ts'
import type { OutboxHandlers } from '../db/outbox.ts'

const CHANNEL = 'gatehouse_session_ended'
/** A notification holds 8,000 bytes, and an id is 36. */
const IDS_MAX = 150

/** Tells whoever holds connections, in this process and in every other, that a session or an access key has ended. */
export type SessionEnds = {
  onSessionEnded(heard: (id: string) => void): void
  /** For the outbox: what was committed as ended is told. */
  readonly handlers: Required<Pick<OutboxHandlers, 'session.ended'>>
  stop(): Promise<void>
}

export async function watchSessionEnds(database: Database): Promise<SessionEnds> {
  const listeners: ((id: string) => void)[] = []
  const stop = await database.listen(CHANNEL, payload => {
    for (const id of payload.split(',').filter(Boolean)) for (const heard of listeners) heard(id)
  })
  return {
    onSessionEnded: heard => void listeners.push(heard),
    handlers: {
      async 'session.ended'(rows) {
        const ids = rows.flatMap(({ body }) => body.ids)
        for (let at = 0; at < ids.length; at += IDS_MAX) {
          await sql`select pg_notify(${CHANNEL}, ${ids.slice(at, at + IDS_MAX).join(',')})`.execute(database.db)
        }
      },
    },
    stop,
  }
}
