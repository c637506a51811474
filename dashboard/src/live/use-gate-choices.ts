import { listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'

export type GateChoice = { readonly gateId: string; readonly name: string }

/** The gates that a list can be narrowed to. */
export function useGateChoices(): readonly GateChoice[] {
  const gates = useAsk(listGates, {}, { enabled: useMay('gate:read') })
  return gates.data?.data ?? []
}
