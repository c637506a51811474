import { crc32 } from './crc32.ts'
import { payloadOf } from './message.ts'
import { INPUTS_MAX, type MessageOf, OUTPUTS_MAX } from './messages.ts'

/** How a controller is set, counted from 0 as on the wire. What is not named is not in use. */
export type Configuration = {
  readonly outputs: readonly { readonly output: number; readonly restEnergised: boolean; readonly maxOnMs: number }[]
  readonly inputs: readonly { readonly input: number; readonly activeHigh: boolean; readonly debounceMs: number }[]
}

const SESSION_BYTES = 4

export function configureMessage({ outputs, inputs }: Configuration, session: number): MessageOf<'configure'> {
  const bits = (numbers: readonly number[]) => numbers.reduce((all, number) => all | (1 << number), 0)
  const maxOnMs = Array.from({ length: OUTPUTS_MAX }, () => 0)
  for (const output of outputs) maxOnMs[output.output] = output.maxOnMs
  const debounceMs = Array.from({ length: INPUTS_MAX }, () => DEBOUNCE_MS)
  for (const input of inputs) debounceMs[input.input] = input.debounceMs
  return {
    name: 'configure',
    session,
    rest: bits(outputs.filter(({ restEnergised }) => restEnergised).map(({ output }) => output)),
    max_on_ms: maxOnMs,
    active_high: bits(inputs.filter(({ activeHigh }) => activeHigh).map(({ input }) => input)),
    debounce_ms: debounceMs,
  }
}

/** Contacts of doors bounce for 5 to 20 ms. */
export const DEBOUNCE_MS = 30

/** CRC-32 over all fields but the session: both sides have the same one when they mean the same. Never 0, which is none. */
export function configurationCrc(message: MessageOf<'configure'>): number {
  return crc32(payloadOf(message).subarray(SESSION_BYTES)) || 1
}
