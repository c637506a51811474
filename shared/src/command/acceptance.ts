import type { ClockQuality } from '../events/record.ts'
import { fail, ok, type Result } from '../result.ts'
import { Command } from './command.ts'

/**
 * Every way a gate refuses a command whose signature holds, in the order in which they are asked. `retained`: the broker had kept it,
 * and nothing that was kept is an order. `clock_in_doubt`: a gate that cannot tell the time cannot tell a command from its repetition.
 */
export const COMMAND_REFUSALS = [
  'retained',
  'malformed',
  'other_gate',
  'clock_in_doubt',
  'in_the_future',
  'expired',
  'replayed',
] as const
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number]

/** A command may be ahead of the gate's clock by this much: two clocks are never one. */
export const COMMAND_AHEAD_MS_MAX = 5_000

/** What a gate remembers of the commands that it has obeyed. */
export type Obeyed = {
  /** Of this run, by id, with the time at which each expires. */
  readonly byId: ReadonlyMap<string, number>
  /** When the newest of the runs before was signed; 0 where there was none. Durable: after a restart the clock may stand anywhere. */
  readonly beforeBootMs: number
}

export type CommandFacts = {
  readonly tenant: string
  readonly gate: string
  /** The broker had it from before. */
  readonly retained: boolean
  /** Trusted time, which never falls. */
  readonly nowMs: number
  readonly clockQuality: ClockQuality
  readonly obeyed: Obeyed
}

/** Whether a payload, its signature already checked, is a command for this gate and this moment that was not obeyed before. */
export function acceptCommand(payload: unknown, facts: CommandFacts): Result<Command, CommandRefusal> {
  const { nowMs, obeyed } = facts
  if (facts.retained) return fail('retained')
  const read = Command.safeParse(payload)
  if (!read.success) return fail('malformed')
  const command = read.data
  if (command.tenant !== facts.tenant || command.gate !== facts.gate) return fail('other_gate')
  if (facts.clockQuality === 'doubt') return fail('clock_in_doubt')
  if (command.issuedAtMs > nowMs + COMMAND_AHEAD_MS_MAX) return fail('in_the_future')
  if (command.expiresAtMs <= nowMs) return fail('expired')
  if (obeyed.byId.has(command.id) || command.issuedAtMs <= obeyed.beforeBootMs) return fail('replayed')
  return ok(command)
}

/** What is remembered after a command is obeyed: what has expired is refused for that, and may be forgotten. */
export function remember({ byId, beforeBootMs }: Obeyed, { id, expiresAtMs }: Command, nowMs: number): Obeyed {
  const living = [...byId].filter(([, endsMs]) => endsMs > nowMs)
  return { byId: new Map([...living, [id, expiresAtMs]]), beforeBootMs }
}
