const RELOADED = 'gatehouse.reloaded-at'

/** Long enough for a page to come up: one that breaks again within it is broken, not old. */
const AGAIN_MS = 30_000

/** A new version came out while this one was open: the file of a page that was not yet opened is gone, and the new page has it. */
export function reloadForNewerVersion(): void {
  window.addEventListener('vite:preloadError', event => {
    const before = Number(sessionStorage.getItem(RELOADED) ?? 0)
    if (Date.now() - before < AGAIN_MS) return
    sessionStorage.setItem(RELOADED, String(Date.now()))
    event.preventDefault()
    window.location.reload()
  })
}
