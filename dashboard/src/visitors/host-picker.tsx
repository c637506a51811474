import { listVisitorHosts } from '@gatehouse/shared/wire/api/visitors.ts'
import { useState } from 'react'
import { useAsk } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { useSettled } from '../ui/use-settled.ts'

export type Host = { readonly userId: string; readonly name: string }

/** Finds whom a visitor comes to see, by name or e-mail address. */
export function HostPicker({
  picked,
  onPick,
  problem,
}: {
  readonly picked: Host | null
  readonly onPick: (host: Host | null) => void
  readonly problem?: string | undefined
}) {
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim())
  const found = useAsk(listVisitorHosts, { query: { search } }, { enabled: search.length > 0, keep: true })

  if (picked) {
    return (
      <div className="flex items-center justify-between gap-2">
        <p className="min-w-0">
          Host: <bdi className="font-medium break-words">{picked.name}</bdi>
        </p>
        <Button onClick={() => onPick(null)}>Another host</Button>
      </div>
    )
  }
  const hosts = search === '' ? [] : (found.data?.data ?? [])
  return (
    <div>
      <Field
        label="Host"
        hint="Name or e-mail of who is visited; told when the visitor arrives"
        type="search"
        value={typed}
        onChange={event => setTyped(event.target.value)}
        autoComplete="off"
        problem={problem}
      />
      {hosts.length > 0 && (
        <ul aria-label="Hosts found" className="mt-1">
          {hosts.map(host => (
            <li key={host.userId}>
              <button
                type="button"
                onClick={() => onPick(host)}
                className="flex min-h-9 w-full items-center rounded-6 px-2 text-left hover:bg-sunken pointer-coarse:min-h-11"
              >
                <bdi className="truncate">{host.name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      {search !== '' && found.data?.data.length === 0 && <p className="text-13 text-muted">Nobody here fits.</p>}
    </div>
  )
}
