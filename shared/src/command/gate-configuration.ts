import { z } from 'zod'
import { HARDWARE_SHAPE } from '../wire/hardware/hardware-config.ts'
import { sentMistakes } from '../wire/hardware/sent-mistakes.ts'
import { GATE_ID, TENANT } from '../wire/topics.ts'

/** `typ` of what a gate is told of its hardware: a compact JWS signed with the school's `command` key. */
export const GATE_CONFIGURATION_TYP = 'gh-config+1'

/** Of the compact JWS. Sixteen lanes with eight readers of ordinary settings are below 60,000; the cloud makes none that is longer. */
export const GATE_CONFIGURATION_CHARS_MAX = 200_000

/** Seconds in which every reader and every door of a new configuration has to come up. */
export const CONFIGURATION_TRIAL_S = 30

const Envelope = z.object({
  tenant: z.string().regex(TENANT),
  gate: z.string().regex(GATE_ID),
  /** Rises with each configuration of this gate, from 1. */
  version: z.int().min(1),
  issuedAtMs: z.int().min(0),
})

/** Boards and lanes of one gate, whole. Lanes are the gate's access points in their order. */
export const GateConfiguration = z
  .strictObject({ ...Envelope.shape, ...HARDWARE_SHAPE })
  .superRefine((configuration, context) => {
    for (const mistake of sentMistakes(configuration)) context.addIssue({ code: 'custom', ...mistake })
  })
export type GateConfiguration = z.infer<typeof GateConfiguration>

/**
 * Every way a gate refuses a configuration whose signature holds, in the order in which they are asked. `older_version`: it took a newer
 * one before, and goes back by a newer version only.
 */
export const CONFIGURATION_REFUSALS = ['malformed', 'other_gate', 'older_version', 'invalid'] as const
export type ConfigurationRefusal = (typeof CONFIGURATION_REFUSALS)[number]

export type ConfigurationRefused = {
  readonly is: 'refused'
  readonly refused: ConfigurationRefusal
  /** Null of one that is `malformed`. */
  readonly version: number | null
  /** What is wrong with an `invalid` one, all of it, a sentence each: `lanes[0].door.pulseMs: must be …`. */
  readonly mistakes: readonly string[]
}

export type ConfigurationFacts = {
  readonly tenant: string
  readonly gate: string
  /** The highest version that this gate has taken; 0 before the first. Durable. */
  readonly highest: number
  /** Versions about which the gate has made up its mind and remembers how: the one in force, the one it refused. */
  readonly settled: readonly number[]
}

export type ConfigurationAccepted =
  | { readonly is: 'new'; readonly configuration: GateConfiguration }
  /** The gate has dealt with it. */
  | { readonly is: 'known'; readonly version: number }
  | ConfigurationRefused

/** Whether a payload, its signature already checked, is a configuration for this gate that it has not seen. */
export function acceptConfiguration(
  payload: unknown,
  { tenant, gate, highest, settled }: ConfigurationFacts,
): ConfigurationAccepted {
  const said = Envelope.safeParse(payload)
  if (!said.success) return { is: 'refused', refused: 'malformed', version: null, mistakes: [] }
  const { version } = said.data
  const refuse = (refused: ConfigurationRefusal, mistakes: readonly string[] = []) =>
    ({ is: 'refused', refused, version, mistakes }) as const
  if (said.data.tenant !== tenant || said.data.gate !== gate) return refuse('other_gate')
  if (settled.includes(version)) return { is: 'known', version }
  // The highest itself again: the file in which it was kept is gone.
  if (version < highest) return refuse('older_version')
  const read = GateConfiguration.safeParse(payload)
  if (read.success) return { is: 'new', configuration: read.data }
  const mistakes = read.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || '(all)'}: ${message}`)
  return refuse('invalid', mistakes)
}
