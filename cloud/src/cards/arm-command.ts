import {
  ARMED_S,
  COMMAND_LIFE_MS,
  COMMAND_TYP,
  type Command,
  type EnrolmentKey,
} from '@gatehouse/shared/command/command.ts'
import type { Signer } from '../keys/school-keys.ts'
import type { OfferRow } from './card-offers.repo.ts'

/** The command that arms a reader, signed now: it lives for five seconds, so it is sent at once. */
export function armCommand(
  { id, gate_id, lane, reader, armed_by }: OfferRow,
  { tenant, sealTo, signer, nowMs }: { tenant: string; sealTo: EnrolmentKey; signer: Signer; nowMs: number },
): Promise<string> {
  const command: Command = {
    id,
    tenant,
    gate: gate_id,
    operator: armed_by,
    reason: 'enrol a card',
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + COMMAND_LIFE_MS,
    order: { do: 'arm_reader', lane, reader, forS: ARMED_S, sealTo },
  }
  return signer.jws(COMMAND_TYP, JSON.stringify(command))
}
