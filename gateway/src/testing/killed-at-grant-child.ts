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
const say = (fields: object, event: string) => {
  if (event === 'reader.up' || event === 'door.up') up.add(JSON.stringify(fields))
  if (up.size === 3) process.stderr.write('ready\n')
}
await runGateway(
  {
    ...gate.value,
    carriedList: list,
    onEvent: ({ record }) => {
      if (record.kind === 'granted') process.kill(process.pid, 'SIGKILL')
    },
    clock: { ...systemClock, wallMs: () => NOW_S * 1000 },
    random: Math.random,
    log: { info: say, warn: say, error: say },
  },
  new AbortController().signal,
)
