import { openDatabase } from '../db/open.ts'
import { drainOutbox } from '../db/outbox.ts'
import { openLog } from '../http/log.ts'
import { openJobs } from '../jobs/jobs.ts'
import { startJobs } from '../jobs/workers.ts'
import { openVault } from '../keys/vault.ts'
import { handOver } from '../notifications/hand-over.ts'
import { sendingHandlers } from '../notifications/sending.ts'
import type { SmsAccount } from '../notifications/sms.ts'

/** A process that sends notifications, and can be killed while it does. Receivers are on loopback. */
export type SendingProcessOptions = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly sms: SmsAccount
}

const { sms, ...where } = JSON.parse(process.argv[2]!) as SendingProcessOptions
const log = openLog('silent')
const nowMs = () => Date.now()
const publicUrl = 'http://localhost:8080'
const database = await openDatabase({ ...where, databaseOwnerUrl: null }, () => {})
const { db } = database
const jobs = await openJobs({ database, works: true, nowMs, log, pauseS: 0 })
await drainOutbox({ database, handlers: handOver({ db, jobs, say: () => {}, publicUrl }), onProblem: () => {} })
await startJobs({
  database,
  jobs,
  log,
  handlers: sendingHandlers({
    db,
    vault: openVault(Buffer.alloc(32, 1)),
    jobs,
    guarded: (_name, _options, call) => call(new AbortController().signal),
    publicUrl,
    privateWebhooks: true,
    sms,
    smtp: null,
    nowMs,
  }),
})
process.on('disconnect', () => process.exit(0))
process.send!({ ready: true })
