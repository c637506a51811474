import {
  acceptConfiguration,
  type ConfigurationRefused,
  GATE_CONFIGURATION_CHARS_MAX,
  GATE_CONFIGURATION_TYP,
} from '@gatehouse/shared/command/gate-configuration.ts'
import type { ConfiguredLanes } from '../configuration/configured-lanes.ts'
import { oneAtATime } from '../core/one-at-a-time.ts'
import type { Trust } from '../list/trust.ts'
import { type JwsFailure, verifyJws } from '../list/verify-jws.ts'
import { sha256Hex } from '../store/sha256.ts'

export type ConfigurationTakerNeeds = {
  readonly tenant: string
  readonly gate: string
  readonly trust: Trust
  readonly configured: Pick<ConfiguredLanes, 'follows' | 'facts' | 'take' | 'hearAgain' | 'refuse'>
  readonly stopped: AbortSignal
}

export type ConfigurationTaker = {
  /** What came on the configuration's topic. Anybody could have sent it, and the broker may have kept it for long. */
  heard(jws: string): Promise<void>
  /** Whom we trust has changed: one whose key was not known is looked at again. */
  again(): void
}

/** Takes what the school's command key has signed for this gate and is newer than what it took before. What is refused is said once. */
export function configurationTaker(needs: ConfigurationTakerNeeds): ConfigurationTaker {
  const { tenant, gate, trust, configured, stopped } = needs
  let refusedBefore = ''
  let withoutKey: string | null = null
  const inTurn = oneAtATime()

  const refuse = (jws: string, version: number | null, problem: string) => {
    const which = `${problem} ${sha256Hex(jws)}`
    if (which === refusedBefore) return
    refusedBefore = which
    configured.refuse(version, problem)
  }

  const hear = async (jws: string) => {
    withoutKey = null
    if (jws.length > GATE_CONFIGURATION_CHARS_MAX) return refuse(jws, null, SIGNATURE_PROBLEMS.malformed)
    const signed = await verifyJws(jws, { typ: GATE_CONFIGURATION_TYP, use: 'command', trust })
    // The journal went while the signature was checked.
    if (stopped.aborted) return
    if (!signed.ok) {
      if (signed.failure === 'unknown_key') withoutKey = jws
      return refuse(jws, null, SIGNATURE_PROBLEMS[signed.failure])
    }
    const accepted = acceptConfiguration(signed.value, { tenant, gate, ...configured.facts() })
    if (accepted.is === 'refused') return refuse(jws, accepted.version, problemOf(accepted))
    refusedBefore = ''
    if (accepted.is === 'new') configured.take(accepted.configuration)
    else configured.hearAgain(accepted.version)
  }

  const heard = (jws: string) => (configured.follows ? inTurn(() => hear(jws)) : Promise.resolve())

  return {
    heard,
    again() {
      if (withoutKey !== null) void heard(withoutKey)
    },
  }
}

const NOT_SIGNED = 'what came as configuration is not signed by the school'
const SIGNATURE_PROBLEMS: Readonly<Record<JwsFailure, string>> = {
  malformed: `${NOT_SIGNED} (malformed)`,
  wrong_algorithm: `${NOT_SIGNED} (wrong_algorithm)`,
  wrong_type: `${NOT_SIGNED} as one (wrong_type)`,
  unknown_extension: `${NOT_SIGNED} (unknown_extension)`,
  unknown_key: `${NOT_SIGNED} with a key that this gate knows (unknown_key)`,
  bad_signature: `${NOT_SIGNED} (bad_signature)`,
}

function problemOf({ refused, mistakes }: ConfigurationRefused): string {
  switch (refused) {
    case 'malformed':
      return 'it is no configuration (malformed)'
    case 'other_gate':
      return 'it is for another gate (other_gate)'
    case 'older_version':
      return 'a newer version was taken before (older_version)'
    case 'invalid':
      return mistakes.join('; ')
  }
}
