import type { Log } from '../broker/broker.ts'
import type { Bus } from '../cache/bus.ts'
import { findSchools } from '../db/definer.ts'
import type { OutboxHandlers, OutboxRow } from '../db/outbox.ts'
import type { Db } from '../db/tables.ts'
import { accessFeed } from './access-feed.ts'
import { gatesFeed, type SchoolTopic } from './gates-feed.ts'

export type LiveNeeds = { readonly db: Db; readonly bus: Bus; readonly log: Log }

export type Live = {
  /** For the outbox: what was committed goes to the people who watch. */
  readonly handlers: Required<Pick<OutboxHandlers, 'access.lines' | 'gates.changed'>>
  stop(): Promise<void>
}

/** The live feed: scans as they happen and gates as they are. Says at once how the gates are, for those who come later. */
export async function startLive({ db, bus, log }: LiveNeeds): Promise<Live> {
  const access = accessFeed({ say: bus.say })
  const gates = gatesFeed({ db, say: bus.say, log })
  const tenants = new Map<string, string>()

  async function schoolOf({ schoolId }: OutboxRow): Promise<SchoolTopic | null> {
    if (schoolId === null) return null
    if (!tenants.has(schoolId)) for (const { id, tenant } of await findSchools(db)) tenants.set(id, tenant)
    const tenant = tenants.get(schoolId)
    return tenant === undefined ? null : { schoolId, tenant }
  }

  for (const { id: schoolId, tenant } of await findSchools(db)) {
    tenants.set(schoolId, tenant)
    await gates.refresh({ schoolId, tenant })
  }

  return {
    handlers: {
      async 'access.lines'(rows) {
        for (const row of rows) {
          const school = await schoolOf(row)
          if (school === null) continue
          access.add(school.tenant, row.body.lines)
          gates.changed(school, 'later')
        }
      },
      async 'gates.changed'(rows) {
        for (const row of rows) {
          const school = await schoolOf(row)
          if (school !== null) gates.changed(school)
        }
      },
    },
    async stop() {
      access.stop()
      await gates.stop()
    },
  }
}
