import type { EnrolmentKey } from '@gatehouse/shared/command/command.ts'

/** One reader of one lane. */
export type ReaderPlace = { readonly lane: string; readonly reader: string }

export type Arming = {
  /** The command that asked for it. */
  readonly command: string
  readonly sealTo: EnrolmentKey
  /** On the monotonic clock; over when it is reached. */
  readonly untilMs: number
}

export type ArmedReaders = {
  /** From now on; arming anew takes the place of what was there. */
  arm(place: ReaderPlace, arming: Arming): void
  /** What the reader is armed for, or null. */
  at(place: ReaderPlace, nowMs: number): Arming | null
  disarm(place: ReaderPlace): void
}

/** Which readers wait for a card to enrol. Kept in memory only: after a restart none does. */
export function armedReaders(): ArmedReaders {
  const armed = new Map<string, Arming>()
  return {
    arm: (place, arming) => void armed.set(nameOf(place), arming),
    at(place, nowMs) {
      const arming = armed.get(nameOf(place))
      if (arming === undefined) return null
      if (nowMs < arming.untilMs) return arming
      armed.delete(nameOf(place))
      return null
    },
    disarm: place => void armed.delete(nameOf(place)),
  }
}

/** Neither has a blank in its name. */
const nameOf = ({ lane, reader }: ReaderPlace) => `${lane} ${reader}`
