import { registerSW } from 'virtual:pwa-register'
import { useEffect, useState } from 'react'

/**
 * Keeps a copy of this page on the phone, so that it opens with no network. A newer version waits until it is asked for: a code on the
 * screen is not taken away. Answers how to load it; null while there is none.
 */
export function useOfflineCopy(): (() => void) | null {
  const [load, setLoad] = useState<(() => void) | null>(null)
  useEffect(() => {
    const update = registerSW({ immediate: true, onNeedRefresh: () => setLoad(() => () => void update()) })
  }, [])
  return load
}
