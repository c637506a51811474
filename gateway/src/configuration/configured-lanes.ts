import {
  CONFIGURATION_TRIAL_S,
  type ConfigurationFacts,
  type GateConfiguration,
} from '@gatehouse/shared/command/gate-configuration.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { GateState, ReportedConfiguration } from '@gatehouse/shared/wire/messages.ts'
import type { RunningLanes } from '../lanes.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Recorder } from '../recorder.ts'
import type { Journal } from '../store/journal.ts'
import { sha256Hex } from '../store/sha256.ts'
import type { ConfigurationFile, KeptConfiguration } from './kept-configuration.ts'

const NO_HARDWARE: HardwareConfig = { boards: [], lanes: [] }

/** What an event and a state may say of a problem has an end; the log has all of it. */
const EVENT_CHARACTERS_MAX = 500
const STATE_CHARACTERS_MAX = 2_000

export type ConfiguredLanesNeeds = {
  /** Lanes of the gate's own file, which overrides the cloud; null: it has none. */
  readonly file: HardwareConfig | null
  readonly kept: ConfigurationFile
  readonly journal: Pick<Journal, 'configurationMark' | 'raiseConfigurationMark'>
  readonly recorder: Pick<Recorder, 'record'>
  readonly runLanes: (hardware: HardwareConfig, signal: AbortSignal) => RunningLanes
  /** What the cloud is told is another. */
  readonly changed: () => void
  readonly clock: Clock
  readonly log: Log
}

export type ConfiguredLanes = {
  /** Whether configurations of the cloud are looked at here. */
  readonly follows: boolean
  facts(): Pick<ConfigurationFacts, 'highest' | 'settled'>
  /** Puts one that was accepted on trial; of several that come during another's trial the last. */
  take(configuration: GateConfiguration): void
  /** One that was dealt with came again: what came in between is of no account. */
  hearAgain(version: number): void
  /** One that was not accepted, and why, in a sentence. */
  refuse(version: number | null, problem: string): void
  hardware(): HardwareConfig
  reported(): ReportedConfiguration
  state(): NonNullable<GateState['lanes']>
  /** Runs the lanes until `signal` aborts and they are finished. */
  run(signal: AbortSignal): Promise<void>
}

type Running = { readonly lanes: RunningLanes; readonly stop: () => Promise<void> }

/**
 * Lanes that can be described anew while the gate runs. A new configuration is on trial until everything in it is up; where it is not in time,
 * the last good one runs again. What did not answer before, and is described as it was, is not held against it. Without a last good one there
 * is nothing to go back to: the new one stays, and says what is not right.
 */
export function configuredLanes(needs: ConfiguredLanesNeeds): ConfiguredLanes {
  const { file, journal, recorder, changed, clock, log } = needs
  let kept: KeptConfiguration = needs.kept.read()
  let notTaken: { readonly version: number | null; readonly problem: string } | null = kept.refused
  let running: Running | null = null
  let waiting: GateConfiguration | null = null
  let came = Promise.withResolvers<void>()

  const keep = (next: KeptConfiguration): boolean => {
    const before = kept
    kept = next
    try {
      needs.kept.write(next)
      return true
    } catch (error) {
      log.error({ error: String(error) }, 'configuration.unkept')
      if (next.trial !== null) kept = before
      return false
    }
  }
  const refuse = (version: number | null, problem: string) => {
    notTaken = { version, problem }
    log.error({ version, problem, inForce: kept.inForce?.version ?? 0 }, 'configuration.refused')
    const details = { ...(version === null ? {} : { version }), refused: problem.slice(0, EVENT_CHARACTERS_MAX) }
    recorder.record({ kind: 'config', details })
    changed()
  }
  const start = (hardware: HardwareConfig): Running => {
    const ending = new AbortController()
    const lanes = needs.runLanes(hardware, ending.signal)
    return {
      lanes,
      async stop() {
        ending.abort()
        await lanes.ended
      },
    }
  }
  const hardware = (): HardwareConfig => file ?? kept.inForce ?? NO_HARDWARE
  const begin = () => {
    const { boards, lanes } = hardware()
    running = start({ boards, lanes })
  }

  const settle = (configuration: GateConfiguration, trouble: string | null) => {
    keep({ inForce: configuration, trouble, trial: null, refused: null })
    notTaken = null
    const details = { version: configuration.version, sha256: hashOf(configuration), ...(trouble && { trouble }) }
    log.info(details, 'configuration.in_force')
    recorder.record({
      kind: 'config',
      details: { ...details, ...(trouble && { trouble: trouble.slice(0, EVENT_CHARACTERS_MAX) }) },
    })
    changed()
  }

  const goBack = async ({ version }: GateConfiguration, problem: string) => {
    await running?.stop()
    begin()
    keep({ ...kept, trial: null, refused: { version, problem } })
    refuse(version, problem)
    notTaken = kept.refused
  }

  const change = async (configuration: GateConfiguration, signal: AbortSignal) => {
    const { version } = configuration
    const isSame = kept.inForce !== null && hashOf(kept.inForce) === hashOf(configuration)
    // Marked before it is tried: a process that dies of it does not try it again.
    if (!journal.raiseConfigurationMark(version).ok || !keep({ ...kept, trial: isSame ? null : version }))
      return refuse(version, 'it cannot be kept: the disk is full')
    if (isSame) return settle(configuration, kept.trouble)

    const excused = new Set(
      (running?.lanes.down() ?? []).filter(({ wasTried }) => wasTried).map(({ name, settings }) => name + settings),
    )
    log.info({ version }, 'configuration.trying')
    await running?.stop()
    running = start({ boards: configuration.boards, lanes: configuration.lanes })
    changed()
    const missing = await whatDoesNotComeUp(running.lanes, excused, { clock, signal })
    if (signal.aborted) {
      // It was not tried to the end: the next start does.
      keep({ ...kept, trial: null })
      return
    }
    if (missing.length === 0) return settle(configuration, null)
    const problem = `not up within ${CONFIGURATION_TRIAL_S} s: ${missing.join('; ')}`
    if (kept.inForce === null) return settle(configuration, problem)
    await goBack(configuration, problem)
  }

  return {
    follows: file === null,
    facts: () => ({
      highest: journal.configurationMark(),
      settled: [kept.inForce?.version, kept.refused?.version, kept.trial, waiting?.version].filter(
        version => typeof version === 'number',
      ),
    }),
    take(configuration) {
      waiting = configuration
      came.resolve()
    },
    hearAgain(version) {
      if (version !== kept.inForce?.version || notTaken === kept.refused) return
      notTaken = kept.refused
      changed()
    },
    refuse: (version, problem) => refuse(version, problem),
    hardware: () => running?.lanes.hardware ?? hardware(),
    reported: () => ({
      source: file === null ? (kept.inForce === null ? 'none' : 'cloud') : 'file',
      sha256: hashOf(hardware()),
      ...(file === null && reportedOf(kept, notTaken)),
    }),
    state: () => running?.lanes.state() ?? [],
    async run(signal) {
      begin()
      const { inForce, trial } = kept
      const version = file === null && inForce !== null ? { version: inForce.version } : {}
      recorder.record({ kind: 'config', details: { sha256: hashOf(hardware()), ...version } })
      if (file === null && trial !== null) {
        const problem = 'the gate ended while it was tried'
        keep({ ...kept, trial: null, refused: { version: trial, problem } })
        refuse(trial, problem)
        notTaken = kept.refused
      }
      const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => stop(), { once: true })
      if (signal.aborted) stop()
      try {
        while (!signal.aborted) {
          const lanes = running!.lanes
          // Lanes end by themselves only when they cannot go on.
          await Promise.race([stopped, came.promise, ...(lanes.hardware.lanes.length > 0 ? [lanes.ended] : [])])
          came = Promise.withResolvers()
          const next = waiting
          waiting = null
          if (next !== null && !signal.aborted) await change(next, signal)
        }
      } finally {
        await running?.stop()
      }
    },
  }
}

function reportedOf(
  { inForce, trouble }: KeptConfiguration,
  notTaken: { readonly version: number | null; readonly problem: string } | null,
): Partial<ReportedConfiguration> {
  const problem = notTaken?.problem ?? trouble
  return {
    ...(inForce && { version: inForce.version }),
    ...(notTaken?.version && { refusedVersion: notTaken.version }),
    ...(problem && { problem: problem.slice(0, STATE_CHARACTERS_MAX) }),
  }
}

/** The devices that are not up when the trial is over, a sentence each; none as soon as all are. */
async function whatDoesNotComeUp(
  lanes: RunningLanes,
  excused: ReadonlySet<string>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string[]> {
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const missing = () => lanes.down().filter(({ name, settings }) => !excused.has(name + settings))
  const up = Promise.withResolvers<void>()
  const look = () => {
    if (missing().length === 0) up.resolve()
  }
  lanes.onChange(look, until)
  look()
  try {
    await Promise.race([up.promise, clock.after(CONFIGURATION_TRIAL_S * 1_000, until), lanes.ended])
    return missing().map(({ name, problem }) => `${name}: ${problem}`)
  } finally {
    over.abort()
  }
}

function hashOf({ boards, lanes }: HardwareConfig): string {
  return sha256Hex(JSON.stringify({ boards, lanes }))
}
