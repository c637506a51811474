import type { KeyObject } from 'node:crypto'
import { ARMED_S, type Command } from '@gatehouse/shared/command/command.ts'
import { CARD_LATE_S_MAX } from '@gatehouse/shared/command/sealed-card.ts'
import type { ListedPass } from '@gatehouse/shared/decision/attempt.ts'
import type { Card } from '@gatehouse/shared/list/card.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Recorder } from '../recorder.ts'
import type { Journal } from '../store/journal.ts'
import { type Arming, armedReaders, type ReaderPlace } from './armed-readers.ts'
import { sealCard } from './seal-card.ts'

export type CardDeskNeeds = {
  readonly tenant: string
  readonly gate: string
  /** The readers of this gate that read cards, as they are now. */
  readonly readers: () => readonly ReaderPlace[]
  /** The gate's own. */
  readonly signingKey: KeyObject
  readonly journal: Pick<Journal, 'noteUnknownCard'>
  readonly recorder: Pick<Recorder, 'now' | 'record'>
  /** Takes a sealed card to the cloud, until a time on the monotonic clock. */
  readonly send: (sealed: string, untilMs: number) => void
  readonly clock: Clock
  readonly log: Log
}

export type CardDesk = {
  /** Whether the order can be carried out here. */
  can(order: Command['order']): Result<null, 'no_such_reader'>
  obey(command: Command): void
  /** Hears of every card after its event, with the row that the list has for it. */
  seen(place: ReaderPlace, card: Card, row: ListedPass | null): void
  /** Hears of every card whose parity did not come out: its bits are looked up by an installer, and by nobody else. */
  misread(place: ReaderPlace, card: Card): void
}

/**
 * What becomes of the cards at this gate besides a decision. An unknown one is written down here, bits and all, and stays here; one that
 * comes to an armed reader goes to the cloud too, sealed, and ends the arming. Nothing opens by any of it.
 */
export function cardDeskOf(needs: CardDeskNeeds): CardDesk {
  const { tenant, gate, readers, signingKey, journal, recorder, clock, log } = needs
  const armed = armedReaders()

  const send = async ({ lane, reader }: ReaderPlace, card: Card, { command, sealTo, untilMs }: Arming) => {
    const seen = { tenant, gate, lane, reader, command, ...card, atMs: recorder.now().trustedMs }
    try {
      needs.send(await sealCard(seen, { sealTo, signingKey }), untilMs + CARD_LATE_S_MAX * 1_000)
    } catch (error) {
      log.error({ lane, reader, command, error: (error as Error).message }, 'card.not_sealed')
    }
  }

  return {
    can: ({ lane, reader }) =>
      readers().some(place => place.lane === lane && place.reader === reader) ? ok(null) : fail('no_such_reader'),
    obey({ id, order: { lane, reader, forS, sealTo } }) {
      const untilMs = clock.monotonicMs() + Math.min(forS, ARMED_S) * 1_000
      armed.arm({ lane, reader }, { command: id, sealTo, untilMs })
    },
    misread({ lane, reader }, card) {
      journal.noteUnknownCard({ atMs: recorder.now().trustedMs, lane, reader, card })
    },
    seen(place, card, row) {
      const { lane, reader } = place
      if (row === null) journal.noteUnknownCard({ atMs: recorder.now().trustedMs, lane, reader, card })
      const arming = armed.at(place, clock.monotonicMs())
      if (arming === null) return
      const { command } = arming
      if (row !== null) {
        // Whoever waits for a new card should hear that this one is not: the reader goes on waiting.
        recorder.record({
          kind: 'command',
          lane,
          passId: row.passId,
          details: { command, reader, found: 'known_card' },
        })
        return
      }
      armed.disarm(place)
      recorder.record({ kind: 'command', lane, details: { command, reader, found: 'unknown_card' } })
      void send(place, card, arming)
    },
  }
}
