import { useEffect } from 'react'

/** Keeps the screen on while the page is looked at. Where the browser cannot, or the battery is low, the screen goes as it always does. */
export function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null
    let ended = false
    async function hold() {
      if (document.visibilityState === 'hidden' || navigator.wakeLock === undefined) return
      const held = await navigator.wakeLock.request('screen').catch(() => null)
      if (ended) void held?.release()
      else lock = held
    }
    void hold()
    // The browser lets go of it when the page is hidden.
    document.addEventListener('visibilitychange', hold)
    return () => {
      ended = true
      document.removeEventListener('visibilitychange', hold)
      void lock?.release()
    }
  }, [])
}
