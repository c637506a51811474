import { acceptCommand, type CommandRefusal, type Obeyed, remember } from '@gatehouse/shared/command/acceptance.ts'
import { COMMAND_TYP, type Command } from '@gatehouse/shared/command/command.ts'
import type { Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import type { Trust } from '../list/trust.ts'
import { verifyJws } from '../list/verify-jws.ts'
import type { Log } from '../log.ts'
import type { Recorder } from '../recorder.ts'
import type { Journal } from '../store/journal.ts'

/** A command is below 2,000. */
const COMMAND_CHARS_MAX = 8_192

/** A network that repeats an old command all day must not fill the journal: one event a second says so as well. */
const REFUSED_EVERY_MS = 1_000

export type CommandTakerNeeds = {
  readonly tenant: string
  readonly gate: string
  readonly trust: Trust
  readonly journal: Pick<Journal, 'commandMarkMs' | 'raiseCommandMark'>
  readonly recorder: Pick<Recorder, 'now' | 'record'>
  readonly can: (order: Command['order']) => Result<null, string>
  readonly obey: (command: Command) => void
  readonly stopped: AbortSignal
  readonly log: Log
}

export type CommandTaker = {
  /** What came on the commands topic. Anybody could have sent it. `kept`: the broker had it from before. */
  heard(jws: string, kept: boolean): Promise<void>
}

/**
 * Obeys what the school's command key has signed for this gate and this moment, once. The record is durable before anything is done; what
 * cannot be recorded is not done. The answer is that record, and nothing else.
 */
export function commandTaker(needs: CommandTakerNeeds): CommandTaker {
  const { tenant, gate, trust, journal, recorder, can, obey, stopped, log } = needs
  let obeyed: Obeyed = { byId: new Map(), beforeBootMs: journal.commandMarkMs() }
  let refusedMs = Number.NEGATIVE_INFINITY

  const refuse = (payload: unknown, refused: CommandRefusal | string) => {
    log.error({ ...nameOf(payload), refused }, 'command.refused')
    const at = recorder.now()
    if (at.monotonicMs - refusedMs < REFUSED_EVERY_MS) return
    refusedMs = at.monotonicMs
    recorder.record({ kind: 'command', details: { ...nameOf(payload), refused } }, at)
  }

  return {
    async heard(jws, kept) {
      const signed =
        jws.length > COMMAND_CHARS_MAX ? null : await verifyJws(jws, { typ: COMMAND_TYP, use: 'command', trust })
      // The journal went while the signature was checked.
      if (stopped.aborted) return
      if (!signed?.ok) {
        // Not the school's word, so it is noise of the network and no event.
        log.error({ failure: signed?.failure ?? 'malformed' }, 'command.unsigned')
        return
      }
      const { trustedMs: nowMs, quality: clockQuality } = recorder.now()
      const accepted = acceptCommand(signed.value, { tenant, gate, retained: kept, nowMs, clockQuality, obeyed })
      if (!accepted.ok) return refuse(signed.value, accepted.failure)
      const command = accepted.value
      obeyed = remember(obeyed, command, nowMs)
      const possible = can(command.order)
      if (!possible.ok) return refuse(command, possible.failure)
      if (!journal.raiseCommandMark(command.issuedAtMs).ok) return refuse(command, 'disk_full')

      const { id, operator, reason, order } = command
      const details = { command: id, do: order.do, reader: order.reader, operator, reason }
      if (!recorder.record({ kind: 'command', lane: order.lane, details }).ok) return
      log.info({ command: id, do: order.do, lane: order.lane, reader: order.reader }, 'command.obeyed')
      obey(command)
    },
  }
}

const Named = z.object({ id: z.uuid() })

function nameOf(payload: unknown): { command?: string } {
  const named = Named.safeParse(payload)
  return named.success ? { command: named.data.id } : {}
}
