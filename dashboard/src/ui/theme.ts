import { useSyncExternalStore } from 'react'
import { recall, remember } from '../api/browser-session.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEPT = 'gatehouse.theme'
const listeners = new Set<() => void>()

function theme(): Theme {
  const kept = recall(KEPT)
  return THEMES.find(known => known === kept) ?? 'system'
}

/** Puts the chosen theme on the page; `system` leaves it to the browser. */
export function applyTheme(): void {
  const chosen = theme()
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export function chooseTheme(chosen: Theme): void {
  remember(KEPT, chosen === 'system' ? null : chosen)
  applyTheme()
  for (const listener of listeners) listener()
}

export function useTheme(): Theme {
  return useSyncExternalStore(listener => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, theme)
}
