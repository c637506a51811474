import { useEffect, useRef, useState } from 'react'
import { Icon } from './icon.tsx'
import type { Address } from './use-address.ts'

const TYPING_MS = 250

/** Searches as one types; the words stand in the address. `/` comes here. */
export function SearchField({ address, label }: { readonly address: Address; readonly label: string }) {
  const asked = address.get('search') ?? ''
  const [typed, setTyped] = useState(asked)
  const sent = useRef(asked)
  const { set } = address

  // The address changed by itself: back, forward, or a filter taken away.
  useEffect(() => {
    if (asked === sent.current) return
    sent.current = asked
    setTyped(asked)
  }, [asked])

  useEffect(() => {
    if (typed.trim() === sent.current) return
    const timer = setTimeout(() => {
      sent.current = typed.trim()
      set({ search: typed.trim() })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed, set])

  return (
    <div className="relative min-w-0 flex-1 basis-56 md:max-w-80">
      <Icon name="search" className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2 text-muted" />
      <input
        data-search
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={typed}
        onChange={event => setTyped(event.target.value)}
        className="control w-full pl-9"
      />
    </div>
  )
}
