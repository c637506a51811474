import type { MetricsTicker } from '../analytics/metrics-ticker.ts'
import type { Actor } from '../audit/actor.ts'
import type { Cache } from '../cache/cache.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type SchoolPerson } from '../http/bind.ts'
import type { Log } from '../http/log.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import type { Watch } from '../live/watch.ts'
import { type Loaders, openLoaders } from './loaders.ts'

/** What operations are carried out with. */
export type CallNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  readonly cache: Cache
  readonly watch: Watch
  readonly ticker: MetricsTicker
  readonly log: Log
  readonly nowMs: () => number
  /** Fails where the audit log was told nothing. */
  readonly checkAnswers?: boolean
}

/** One operation of one person: what its resolvers know of it. */
export type Call = {
  readonly who: SchoolPerson
  readonly needs: CallNeeds
  readonly requestId: string
  readonly load: Loaders
  actor(): Actor
  /** Reads in the transaction of the operation, where it has one, else in one of its own. */
  read<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>
  /** Changes in a transaction of its own, as a request over REST does. */
  change<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>
}

/** `tx`: the transaction of a query, which reads everything as of one time; null for what begins its own. */
export function openCall(needs: CallNeeds, who: SchoolPerson, tx: Tx | null = null): Call {
  const { db, nowMs } = needs
  const inOne = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(db, who.school.id, work)
  const call: Call = {
    who,
    needs,
    requestId: who.by.requestId ?? '',
    get load() {
      loaders ??= openLoaders(call)
      return loaders
    },
    actor: () => actorOf(who, nowMs()),
    read: tx === null ? inOne : work => work(tx),
    change: work => {
      // What was read before it may be otherwise after it.
      loaders = null
      return inOne(work)
    },
  }
  let loaders: Loaders | null = null
  return call
}
