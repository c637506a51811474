import type { GatesFeed } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { Log } from '../broker/broker.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { gateLine, listGates } from '../gates/gates.repo.ts'
import type { Say } from './say.ts'

/** After a change: a gate that comes back says several things at once. */
const SOON_MS = 50
/** After a scan, which only moves a gate's last event. */
const LATER_MS = 2_000

export type SchoolTopic = { readonly schoolId: string; readonly tenant: string }

export type GatesFeedPublisher = {
  /** Something about this school's gates changed. */
  changed(school: SchoolTopic, when?: 'soon' | 'later'): void
  /** Reads and says it now. */
  refresh(school: SchoolTopic): Promise<void>
  stop(): Promise<void>
}

/** Says how a school's gates are, retained, soon after something changed. */
export function gatesFeed({
  db,
  say,
  log,
}: {
  readonly db: Db
  readonly say: Say
  readonly log: Log
}): GatesFeedPublisher {
  const due = new Map<string, { timer: NodeJS.Timeout; atMs: number }>()
  const running = new Set<Promise<void>>()

  async function refresh({ schoolId, tenant }: SchoolTopic): Promise<void> {
    const feed: GatesFeed = { gates: (await inSchool(db, schoolId, listGates)).map(gateLine) }
    say(topics.gatesFeed(tenant), JSON.stringify(feed), { qos: 1, retain: true })
  }

  return {
    refresh,
    changed(school, when = 'soon') {
      const waitMs = when === 'soon' ? SOON_MS : LATER_MS
      const atMs = performance.now() + waitMs
      const planned = due.get(school.tenant)
      if (planned !== undefined && planned.atMs <= atMs) return
      clearTimeout(planned?.timer)
      const timer = setTimeout(() => {
        due.delete(school.tenant)
        const run: Promise<void> = refresh(school)
          .catch((error: Error) => log.error({ tenant: school.tenant, error: error.message }, 'gates.feed_failed'))
          .finally(() => running.delete(run))
        running.add(run)
      }, waitMs)
      due.set(school.tenant, { timer, atMs })
    },
    async stop() {
      for (const { timer } of due.values()) clearTimeout(timer)
      due.clear()
      await Promise.all(running)
    },
  }
}
