import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Gate, readGate } from '../config.ts'
import { hardwareOf } from '../configuration/kept-configuration.ts'
import { jsonLog } from '../devices/json-log.ts'
import { systemClock } from '../devices/system-clock.ts'
import { runGateway } from '../main.ts'
import { stopSignal } from './stop-signal.ts'
import { cannot } from './usage.ts'

export type RunOptions = { readonly config: string; readonly standalone?: boolean }

/** What systemd, Docker and a person with Ctrl-C are promised. */
const STOP_MS_MAX = 2_800

/** `gateway run`, until the process is told to end. */
export async function runGate({ config: path, standalone = false }: RunOptions): Promise<void> {
  const read = readGate(path)
  if (!read.ok) throw cannot(read.failure)
  const gate: Gate = standalone ? { ...read.value, identity: { ...read.value.identity, cloud: null } } : read.value
  if (!standalone && gate.identity.cloud === null) {
    throw cannot(`${gate.config.identity} belongs to a gate without a cloud: add --standalone, or enrol the gate`)
  }
  if (gate.identity.cloud === null && hardwareOf(gate.config) === null)
    throw cannot(`${path} has no lanes, and alone this gate hears of none: describe them there`)
  const log = jsonLog({ gate: gate.identity.shortName })
  const stop = new AbortController()
  const asked = stopSignal()
  asked.addEventListener('abort', () => stop.abort(), { once: true })
  if (asked.aborted) stop.abort()
  stop.signal.addEventListener('abort', endInTime, { once: true })

  // A fault nobody thought of: the doors are made safe as at any other end, and the supervisor starts us anew.
  const onFault = (error: unknown) => {
    log.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'gateway.fault')
    process.exitCode = 1
    stop.abort()
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  process.stdout.on('error', () => {})

  try {
    await runGateway(
      {
        ...gate,
        carriedList: standalone ? carriedList(gate) : null,
        onEvent: event => {
          if (standalone) process.stdout.write(`${JSON.stringify(event)}\n`)
        },
        clock: systemClock,
        random: Math.random,
        log,
      },
      stop.signal,
    )
  } catch (error) {
    throw cannot(error instanceof Error ? error.message : String(error))
  }
}

/** Ends the process even when a device will not let go; its relays were told by then. */
function endInTime(): void {
  setTimeout(() => process.exit(process.exitCode ?? 0), STOP_MS_MAX).unref()
}

function carriedList({ config }: Gate): string {
  const path = join(dirname(config.identity), 'list.ghl')
  if (!existsSync(path)) throw cannot(`there is no ${path}: ./gatehouse list make makes one`)
  return readFileSync(path, 'utf8').trim()
}
