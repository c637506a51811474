import type { Database } from '../db/connect.ts'
import { drainOutbox } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import { openLog } from '../http/log.ts'
import { type Jobs, openJobs } from '../jobs/jobs.ts'
import { startJobs, type Workers } from '../jobs/workers.ts'
import { openVault } from '../keys/vault.ts'
import { deliverMail } from '../mail/deliver.ts'
import type { Courier } from '../mail/smtp.ts'
import { tellOfDead } from '../mail/tell-of-dead.ts'
import { handOver } from '../notifications/hand-over.ts'
import { type SendingNeeds, sendingHandlers } from '../notifications/sending.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from './cloud.ts'

export type NotificationStand = AsyncDisposable & {
  readonly database: Database
  readonly cloud: TestCloud
  readonly school: TestSchool
  readonly jobs: Jobs
  readonly clock: { nowMs: number }
  /** What was said on live topics. */
  readonly said: { topic: string; payload: string }[]
  inIt<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>
  userId(role: 'school_admin' | 'staff' | 'security' | 'student'): Promise<string>
  /** What was committed becomes jobs, and all that are due are done. */
  work(): Promise<void>
  /** Makes what waits for another time due now. */
  letTimePass(ms: number): Promise<void>
}

const guardedAlways: Guarded = (_name, _options, call) => call(new AbortController().signal)

/** A school on a database with everything that sends, whose clock a test moves. Receivers may be on loopback. */
export async function notificationStand(
  database: Database,
  { courier = null, ...changed }: Partial<SendingNeeds> & { readonly courier?: Courier | null } = {},
): Promise<NotificationStand> {
  const vault = openVault(Buffer.alloc(32, 1))
  const school = await enterTestSchool(database, vault)
  let cloud: TestCloud | null = null
  const nowMs = () => cloud?.clock.nowMs ?? Date.now()
  const log = openLog('silent')
  // Between two tries only the clock of the test passes.
  const jobs = await openJobs({ database, works: true, nowMs, log, pauseS: 3_600 })
  const { sms = null, privateWebhooks = true } = changed
  cloud = await startCloud(database, { jobs, sms, privateWebhooks })
  const { clock } = cloud
  const said: NotificationStand['said'] = []
  const say = (topic: string, payload: string) => void said.push({ topic, payload })
  const publicUrl = 'http://localhost:8080'
  const { db } = database
  const handlers = {
    mail: deliverMail({ db, courier, nowMs }),
    ...sendingHandlers({
      db,
      vault,
      jobs,
      guarded: guardedAlways,
      publicUrl,
      privateWebhooks,
      sms,
      smtp: null,
      nowMs,
      ...changed,
    }),
  }
  const drain = await drainOutbox({
    database,
    handlers: handOver({ db, jobs, say, publicUrl }),
    onProblem: problem => {
      throw problem
    },
  })
  const workers: Workers = await startJobs({
    database,
    jobs,
    handlers,
    log,
    onDead: tellOfDead({ jobs }),
    stopMsMax: 200,
  })
  const inIt = <Answer>(work: (tx: Tx) => Promise<Answer>) => inSchool(db, school.schoolId, work)
  const started = cloud
  return {
    database,
    cloud: started,
    school,
    jobs,
    clock,
    said,
    inIt,
    userId: async role =>
      (await inIt(tx => tx.selectFrom('users').select('id').where('role', '=', role).executeTakeFirstOrThrow())).id,
    async work() {
      await drain.now()
      await workers.now()
    },
    async letTimePass(ms) {
      clock.nowMs += ms
      await database.asOwner(owner =>
        owner.run(`update pgboss.job set start_after = now() where state in ('created', 'retry')`),
      )
    },
    async [Symbol.asyncDispose]() {
      await drain.stop()
      await workers.stop()
      await started[Symbol.asyncDispose]()
      await jobs[Symbol.asyncDispose]()
    },
  }
}
