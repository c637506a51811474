import { openDatabase } from '../db/open.ts'
import { openLog } from '../http/log.ts'
import { openJobs } from '../jobs/jobs.ts'
import { startJobs } from '../jobs/workers.ts'

/** A process that does jobs, and can be killed while it does. It tells each one it begins; `hang` ones never end. */

export type JobProcessOptions = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly hang: boolean
}

const { hang, ...where } = JSON.parse(process.argv[2]!) as JobProcessOptions
const log = openLog('silent')
const database = await openDatabase({ ...where, databaseOwnerUrl: null }, () => {})
const jobs = await openJobs({ database, works: true, nowMs: () => Date.now(), log, pauseS: 0 })
await startJobs({
  database,
  jobs,
  log,
  handlers: {
    async mail({ id }) {
      process.send!({ begun: id })
      if (hang) await new Promise(() => {})
      return { pid: process.pid }
    },
  },
})
process.on('disconnect', () => process.exit(0))
process.send!({ ready: true })
