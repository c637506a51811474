import type { ApplicationsFeed } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
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
  readonly handlers: Required<Pick<OutboxHandlers, 'access.lines' | 'gates.changed' | 'application.changed'>>
  stop(): Promise<void>
}

/** The live feed: scans as they happen, gates as they are, applications that move. Says at once how the gates are, for those who come later. */
export async function startLive({ db, bus, log }: LiveNeeds): Promise<Live> {
  const access = accessFeed({ say: bus.say })
  const gates = gatesFeed({ db, say: bus.say, log })
  const tenants = new Map<string, string>()

  async function schoolOf(schoolId: OutboxRow['schoolId']): Promise<SchoolTopic | null> {
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
          const school = await schoolOf(row.schoolId)
          if (school === null) continue
          access.add(school.tenant, row.body.lines)
          gates.changed(school, 'later')
        }
      },
      async 'gates.changed'(rows) {
        for (const row of rows) {
          const school = await schoolOf(row.schoolId)
          if (school !== null) gates.changed(school)
        }
      },
      async 'application.changed'(rows) {
        for (const [schoolId, ofSchool] of Map.groupBy(rows, row => row.schoolId)) {
          const school = await schoolOf(schoolId)
          if (school === null) continue
          const feed: ApplicationsFeed = { applications: ofSchool.map(({ body }) => body) }
          bus.say(topics.applicationsFeed(school.tenant), JSON.stringify(feed), { qos: 0 })
        }
      },
    },
    async stop() {
      access.stop()
      await gates.stop()
    },
  }
}
