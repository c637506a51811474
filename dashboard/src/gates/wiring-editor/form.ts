import type { Mistake } from '@gatehouse/shared/wire/hardware/mistakes.ts'
import { createContext, useContext } from 'react'

/** What every field of the editor asks, wherever it is. */
export type WiringForm = {
  /** What is said against the setting at this path; undefined while nobody has been there. */
  readonly said: (path: string) => string | undefined
  /** Somebody has been there. */
  readonly touch: (path: string) => void
  /** The boards there are, by their names. */
  readonly boards: readonly string[]
  readonly mayWrite: boolean
}

export const WiringFormContext = createContext<WiringForm>({
  said: () => undefined,
  touch: () => {},
  boards: [],
  mayWrite: false,
})

export function useWiringForm(): WiringForm {
  return useContext(WiringFormContext)
}

/** What is wrong by its path, `lanes.0.door.pulseMs`; of several at one place the first. */
export function byPath(mistakes: readonly Mistake[]): ReadonlyMap<string, string> {
  return new Map(mistakes.toReversed().map(({ path, message }) => [path.join('.'), message]))
}
