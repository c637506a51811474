import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { GateConfig, type GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { LaneConfig } from '@gatehouse/shared/wire/hardware/lane-config.ts'
import { onTestFinished } from 'vitest'
import { systemClock } from '../devices/system-clock.ts'
import { runGateway } from '../main.ts'
import type { Clock } from '../ports.ts'
import { type FarSide, type MakeLine, tcpLine } from './far-side.ts'
import { memoryLog } from './memory-log.ts'
import { NOW_S } from './school.ts'
import { tempFolder } from './temp-folder.ts'

export type GateFiles = {
  readonly folder: string
  readonly config: GateConfig
  readonly configPath: string
  readonly card: FarSide
  readonly qr: FarSide
  readonly door: FarSide
}

/** A gate of one lane: a card reader, a code scanner and an LCUS relay, each at the end of a line. */
export async function gateFiles(
  identity: GateIdentity,
  { line = tcpLine, pulseMs = 100, direction = 'in' as LaneConfig['direction'] } = {} as {
    line?: MakeLine
    pulseMs?: number
    direction?: LaneConfig['direction']
  },
): Promise<GateFiles> {
  const folder = await tempFolder()
  const [card, qr, door] = await Promise.all(['card', 'qr', 'door'].map(name => line(folder, name)))
  onTestFinished(async () => {
    await Promise.all([card, qr, door].map(side => side?.close()))
  })
  const config = GateConfig.parse({
    status: null,
    identity: join(folder, 'identity.json'),
    data: join(folder, 'data'),
    lanes: [
      {
        lane: 'main',
        name: 'Main',
        direction,
        groups: [0],
        readers: [
          { family: 'rdm6300', id: 'card', port: card!.port },
          { family: 'line', id: 'qr', port: qr!.port },
        ],
        door: { family: 'lcus', channel: 1, pulseMs, port: door!.port },
      },
    ],
  })
  mkdirSync(folder, { recursive: true })
  writeFileSync(config.identity, JSON.stringify(identity), { mode: 0o600 })
  const configPath = join(folder, 'gate.json')
  writeFileSync(configPath, JSON.stringify(config))
  return { folder, config, configPath, card: card!, qr: qr!, door: door! }
}

/** The machine's clocks, with the wall where the test school lives. */
export function schoolClock(): Clock {
  const began = performance.now()
  return { ...systemClock, wallMs: () => NOW_S * 1000 + (performance.now() - began) }
}

export type RunningGate = {
  readonly events: ChainedEvent[]
  readonly log: readonly string[]
  /** The next event, or an earlier one, that this is true of; each is given once. */
  event(which: (event: ChainedEvent['record']) => boolean): Promise<ChainedEvent['record']>
  /** Resolves when the log says this. */
  says(words: string): Promise<void>
  stop(): Promise<void>
}

/** Runs a gate within this process until the test is over, and waits until its lines are up. */
export async function runGate(
  { config }: Pick<GateFiles, 'config'>,
  identity: GateIdentity,
  {
    carriedList = null as string | null,
    onEvent = (_event: ChainedEvent) => {},
    clock = schoolClock(),
    up = ['reader.up {"lane":"main","reader":"card"}', 'reader.up {"lane":"main","reader":"qr"}', 'door.up'],
  } = {},
): Promise<RunningGate> {
  const events: ChainedEvent[] = []
  const given = new Set<ChainedEvent>()
  const changed = new EventTarget()
  const tell = () => changed.dispatchEvent(new Event('change'))
  const { entries, ...log } = memoryLog()
  const telling =
    (write: (fields: object, event: string) => void) =>
    (fields: object, event: string): void => {
      write(fields, event)
      tell()
    }
  const stop = new AbortController()
  const run = runGateway(
    {
      config,
      identity,
      carriedList,
      onEvent(event) {
        events.push(event)
        onEvent(event)
        tell()
      },
      clock,
      random: Math.random,
      log: { info: telling(log.info), warn: telling(log.warn), error: telling(log.error) },
    },
    stop.signal,
  )
  const until = async <Value>(look: () => Value | undefined): Promise<Value> => {
    while (true) {
      const found = look()
      if (found !== undefined) return found
      await Promise.race([once(changed, 'change'), run.then(() => Promise.reject(new Error('the gateway has ended')))])
    }
  }
  const gate: RunningGate = {
    events,
    log: entries,
    event: async which => {
      const event = await until(() => events.find(event => !given.has(event) && which(event.record)))
      given.add(event)
      return event.record
    },
    says: words => until(() => (entries.some(entry => entry.includes(words)) ? null : undefined)).then(() => {}),
    async stop() {
      stop.abort()
      await run
    },
  }
  onTestFinished(() => gate.stop())
  for (const words of up) await gate.says(words)
  return gate
}
