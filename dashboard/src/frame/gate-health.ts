import { type Gate, listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { troublesOf } from '../gates/trouble.ts'

/** Between the feed's messages, for pages that do not watch it. */
const HEALTH_MS = 20_000

export type GateHealth = {
  readonly online: number
  readonly total: number
  readonly troubles: readonly { readonly gate: Gate; readonly trouble: string }[]
}

/** How the school's gates are; null until known or where the role may not. */
export function useGateHealth(): GateHealth | null {
  const gates = useAsk(listGates, {}, { enabled: useMay('gate:read'), refetchMs: HEALTH_MS })
  if (!gates.data) return null
  const enrolled = gates.data.data.filter(gate => gate.enrolled)
  return {
    online: enrolled.filter(gate => gate.online).length,
    total: enrolled.length,
    troubles: enrolled.flatMap(gate => troublesOf(gate).map(trouble => ({ gate, trouble }))),
  }
}
