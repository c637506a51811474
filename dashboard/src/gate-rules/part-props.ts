import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { SaidAt } from './draft.ts'

export type PartProps = {
  readonly rules: GateRulesContent
  readonly onChange: (rules: GateRulesContent) => void
  readonly said: SaidAt
}
