import { ok } from '@gatehouse/shared/result.ts'
import type { PulseTiming } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { BoardDriver, BoardEvent } from '../doors/board-line.ts'

export type MemoryBoard = BoardDriver & {
  /** What it was told, oldest first: `1 on`, `2 off`, `1 on 700 ms`, `open` and `close` of its line. */
  readonly told: readonly string[]
  /** Tells something, as its inputs would. */
  tell(event: BoardEvent): void
  /** Its line is lost. */
  lose(): void
  /** From now on nobody can open its line, or they can again. */
  unplug(isUnplugged: boolean): void
}

/** A board in memory, with a timer of its own or without. */
export function memoryBoard(pulse: PulseTiming = 'hardware-timed'): MemoryBoard {
  const told: string[] = []
  let tell: (event: BoardEvent) => void = () => {}
  let lose: (error: Error) => void = () => {}
  let isUnplugged = false
  return {
    pulse,
    told,
    tell: event => tell(event),
    lose: () => lose(new Error('the board is gone')),
    unplug(yes) {
      isUnplugged = yes
    },
    async open() {
      if (isUnplugged) throw new Error('there is no board: plug it in')
      told.push('open')
      const gone = Promise.withResolvers<void>()
      lose = gone.reject
      return {
        async set(channel, energised) {
          told.push(`${channel} ${energised ? 'on' : 'off'}`)
          return ok(null)
        },
        flash:
          pulse === 'software-timed'
            ? null
            : async (channel, energised, ms) => {
                told.push(`${channel} ${energised ? 'on' : 'off'} ${ms} ms`)
                return ok(null)
              },
        listen(hear) {
          tell = hear
          return gone.promise
        },
        async [Symbol.asyncDispose]() {
          told.push('close')
          gone.resolve()
        },
      }
    },
  }
}
