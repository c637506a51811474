import { openDatabase } from '../db/open.ts'
import { guardedAsk } from '../http/guarded-request.ts'
import { openLog } from '../http/log.ts'
import { openJobs } from '../jobs/jobs.ts'
import { startJobs } from '../jobs/workers.ts'
import { openVault } from '../keys/vault.ts'
import { importHandlers } from '../sis/handlers.ts'

/** A process that does imports, and can be killed while it does. It tells how many rows of the list are done. */
export type ImportProcessOptions = { readonly dataFolder: string; readonly databaseUrl: string | null }

const where = JSON.parse(process.argv[2]!) as ImportProcessOptions
const log = openLog('silent')
const nowMs = () => Date.now()
const database = await openDatabase({ ...where, databaseOwnerUrl: null }, () => {})
const jobs = await openJobs({ database, works: true, nowMs, log, pauseS: 0 })
const vault = openVault(Buffer.alloc(32, 1))
const needs = {
  db: database.db,
  vault,
  jobs,
  ask: guardedAsk({ allowPrivate: false }),
  nowMs,
  publicUrl: 'http://localhost',
}
const { import_apply: apply } = importHandlers(needs)
await startJobs({
  database,
  jobs,
  log,
  handlers: {
    import_apply: job =>
      apply!({
        ...job,
        async progress(done, total, words) {
          process.send!({ done })
          await job.progress(done, total, words)
        },
      }),
  },
})
process.on('disconnect', () => process.exit(0))
