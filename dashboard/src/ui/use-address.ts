import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

export type Address = {
  readonly get: (name: string) => string | undefined
  /** Null takes a word out. A changed filter begins at the first page; `keepPage` is for what is no filter. */
  readonly set: (changes: Readonly<Record<string, string | null>>, keepPage?: boolean) => void
  /** The address with one word changed, for links that can be opened in a new window. */
  readonly with: (name: string, value: string | null) => string
}

/** What a list shows is in its address, so that it can be sent to somebody and found again with the back button. */
export function useAddress(): Address {
  const [search, setSearch] = useSearchParams()

  const set = useCallback(
    (changes: Readonly<Record<string, string | null>>, keepPage = false) =>
      setSearch(
        before => {
          const next = new URLSearchParams(before)
          if (!keepPage) next.delete('page')
          for (const [name, value] of Object.entries(changes)) change(next, name, value)
          return next
        },
        { replace: true },
      ),
    [setSearch],
  )

  return {
    get: name => search.get(name) || undefined,
    set,
    with(name, value) {
      const next = new URLSearchParams(search)
      change(next, name, value)
      return `?${next}`
    },
  }
}

function change(search: URLSearchParams, name: string, value: string | null) {
  if (value === null || value === '') search.delete(name)
  else search.set(name, value)
}
