import type { ApplicationEntry } from '@gatehouse/shared/wire/api/applications.ts'
import { Badge } from '../ui/badge.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { EVENT_WORDS } from './application-words.ts'

const SIDES = { applicant: 'the applicant', reviewer: 'the school', system: 'Gatehouse' } as const

/** What happened and what was said, oldest first. */
export function Entries({ entries }: { readonly entries: readonly ApplicationEntry[] }) {
  const nowMs = useNow(60_000)
  const zone = useZone()
  return (
    <ol aria-label="What happened" className="flex flex-col gap-3">
      {entries.map(entry => (
        <li key={entry.id}>
          <p className="text-13 text-muted">
            {entry.event === null ? 'Comment' : EVENT_WORDS[entry.event]} · <bdi>{entry.by ?? SIDES[entry.side]}</bdi> ·{' '}
            {sayMoment(entry.at, nowMs, zone)} {entry.internal && <Badge tone="quiet">Only colleagues</Badge>}
          </p>
          {entry.text && (
            <p dir="auto" className="break-words whitespace-pre-line">
              {entry.text}
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
