import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { openLog, said } from '../http/log.ts'
import { atEnd } from './at-end.ts'

/** For whoever is being answered: less than the 30 s after which supervisors kill. */
const ANSWER_MS_MAX = 25_000
/** A deadline for all the rest: what hangs beyond it is left to the database's own rules. */
const STOP_MS_MAX = 2_800

export function addRun(cloud: Command): void {
  cloud
    .command('run')
    .description(
      'Run the service until it is told to stop. Settings come from the environment; docs/running-the-cloud.md lists them.',
    )
    .action(run)
}

async function run(): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  const config = read.value
  const log = openLog(config.logLevel)
  process.umask(0o077)

  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort(signal))
  // Started by another process: when that is gone, even by kill -9, so are we.
  if (process.channel !== undefined) {
    process.once('disconnect', () => stopping.abort('disconnect'))
    process.on('message', () => {})
  }
  process.on('uncaughtException', problem => {
    log.fatal({ problem: said(problem) }, 'cloud.broken')
    process.exit(1)
  })
  process.on('unhandledRejection', problem => {
    log.fatal({ problem: said(problem) }, 'cloud.broken')
    process.exit(1)
  })

  // Only here: the other words of the command line need little of it, and are typed by people who wait.
  const { startCloud } = await import('../main.ts')
  const cloud = await startCloud(config, log)
  if (cloud.setupLink !== null)
    console.log(`Nobody is here yet. Make the first school at ${cloud.setupLink} (once, within 24 hours).`)
  process.send?.({ ready: true, httpPort: cloud.httpPort, mqttPort: cloud.mqttPort })
  await aborted(stopping.signal)
  log.info({ why: String(stopping.signal.reason) }, 'cloud.stopping')
  await within(ANSWER_MS_MAX, cloud.takeNoMore())
  const late = setTimeout(() => {
    log.warn({}, 'cloud.stopped_late')
    process.exit(0)
  }, STOP_MS_MAX)
  await cloud.stop()
  await Promise.allSettled(atEnd.map(end => end()))
  clearTimeout(late)
  log.info({}, 'cloud.stopped')
  process.exit(0)
}

/** Waits for `work`, but no longer. */
async function within(msMax: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, msMax)
  })
  await Promise.race([work, late])
  clearTimeout(timer!)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
}
