import { useEffect, useState } from 'react'

/** Not in the DOM's types: Chromium only. */
type InstallPrompt = Event & { prompt(): Promise<unknown> }

export type Install =
  | { readonly is: 'installed' }
  | { readonly is: 'offered'; readonly install: () => void }
  /** This browser does not offer it by itself; its menu does. */
  | { readonly is: 'by-menu' }

/** Whether the page stands on the phone like an app, and how it gets there: storage of an installed page is not emptied. */
export function useInstall(): Install {
  const [prompt, setPrompt] = useState<InstallPrompt | null>(null)
  const [installed, setInstalled] = useState(() => window.matchMedia('(display-mode: standalone)').matches)
  useEffect(() => {
    function onOffer(event: Event) {
      event.preventDefault()
      setPrompt(event as InstallPrompt)
    }
    const onInstalled = () => setInstalled(true)
    window.addEventListener('beforeinstallprompt', onOffer)
    window.addEventListener('appinstalled', onInstalled)
    return () => {
      window.removeEventListener('beforeinstallprompt', onOffer)
      window.removeEventListener('appinstalled', onInstalled)
    }
  }, [])
  if (installed) return { is: 'installed' }
  return prompt === null ? { is: 'by-menu' } : { is: 'offered', install: () => void prompt.prompt() }
}
