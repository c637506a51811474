import { join } from 'node:path'
import Database from 'better-sqlite3'
import { readGate } from '../config.ts'
import { systemClock } from '../devices/system-clock.ts'
import { runGateway } from '../main.ts'
import { NOW_S } from './school.ts'

/**
 * Runs the gate of argv[2] with the list in argv[3], and is killed by the kernel in the moment when a grant has become
 * durable and the door has not been told.
 */
const [, , configPath, list] = process.argv as [string, string, string, string]
const gate = readGate(configPath)
if (!gate.ok) throw new Error(gate.failure)
const up = new Set<string>()
const journal = join(gate.value.config.data, 'journal.db')
const isGranted = () => {
  const db = new Database(journal, { readonly: true })
  const granted = db.prepare(`select 1 from event where json_extract(record, '$.kind') = 'granted'`).get()
  db.close()
  return granted !== undefined
}
const say = (fields: object, event: string) => {
  if (event === 'reader.up' || event === 'door.up') up.add(JSON.stringify(fields))
  if (up.size === 3) process.stderr.write('ready\n')
}
await runGateway(
  {
    ...gate.value,
    carriedList: list,
    onEvent: () => {},
    clock: {
      ...systemClock,
      wallMs: () => NOW_S * 1000,
      // A door asks first how old the grant is.
      monotonicMs() {
        if (up.size === 3 && isGranted()) process.kill(process.pid, 'SIGKILL')
        return systemClock.monotonicMs()
      },
    },
    random: Math.random,
    log: { info: say, warn: say, error: say },
  },
  new AbortController().signal,
)
