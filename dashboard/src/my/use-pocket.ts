import { useCallback, useEffect, useState } from 'react'
import { keptPasses, type PocketPass } from './pocket.ts'

export type Pocket = {
  /** Null until it was read; empty too where the browser keeps nothing. */
  readonly passes: readonly PocketPass[] | null
  readonly readAgain: () => Promise<void>
}

/** What this phone keeps. */
export function usePocket(): Pocket {
  const [passes, setPasses] = useState<readonly PocketPass[] | null>(null)
  const readAgain = useCallback(async () => setPasses(await keptPasses().catch(() => [])), [])
  useEffect(() => void readAgain(), [readAgain])
  return { passes, readAgain }
}
