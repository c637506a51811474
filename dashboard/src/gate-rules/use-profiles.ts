import { type GateRulesContent, getGateRules } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'

/** Hours of the school by number; none where the role may not read the rules, and until they are known. */
export function useProfiles(): GateRulesContent['profiles'] {
  const kept = useAsk(getGateRules, {}, { enabled: useMay('settings:read') })
  return kept.data?.data.rules.profiles ?? {}
}
