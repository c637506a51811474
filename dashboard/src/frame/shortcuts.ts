import { useEffect } from 'react'

export type Shortcut = { readonly keys: string; readonly does: string }

/** What `?` shows. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'Ctrl K', does: 'Search everything' },
  { keys: '/', does: 'Search in this list' },
  { keys: 'j', does: 'Next row' },
  { keys: 'k', does: 'Row before' },
  { keys: 'o', does: 'Open the row' },
  { keys: 'Esc', does: 'Close what is open' },
  { keys: 'f', does: 'Live page: fill the screen' },
  { keys: 'p', does: 'Live page: pause' },
  { keys: '?', does: 'Show these keys' },
]

/** Keys of a page, by name. Nothing is taken from somebody who is typing. */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('[data-modal]')) return
      const act = keys[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [keys])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null
}

/** Rows are links or buttons marked `data-row`; the focused one is the current one. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = at < 0 ? rows[by === 1 ? 0 : rows.length - 1] : rows[at + by]
  next?.focus()
}

export function openRow(): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLElement && activeElement.matches('[data-row]')) activeElement.click()
}

export function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]')
  field?.focus()
  field?.select()
}
