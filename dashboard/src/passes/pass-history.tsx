import { type Pass, passHistory } from '@gatehouse/shared/wire/api/passes.ts'
import type { HistoryEntry } from '@gatehouse/shared/wire/api/students-many.ts'
import { useState } from 'react'
import { useAsk } from '../api/use-api.ts'
import { Failed, Waiting } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'

const WORDS: Readonly<Record<string, string>> = {
  'pass.create': 'Issued',
  'pass.suspend': 'Suspended',
  'pass.resume': 'Given back',
  'pass.revoke': 'Revoked',
  'pass.renew': 'Renewed',
  'pass.replace': 'Something was lost',
  'card.add': 'Card added',
  'card.remove': 'Card taken off',
  'phone.bind': 'Bound to a phone',
}

/** What was done to a pass, by whom and why; asked for when somebody opens it. */
export function PassHistory({ pass }: { readonly pass: Pass }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className="min-h-8 cursor-pointer rounded-6 text-13 text-muted pointer-coarse:min-h-11">History</summary>
      {open && <Entries passId={pass.passId} />}
    </details>
  )
}

function Entries({ passId }: Pick<Pass, 'passId'>) {
  const history = useAsk(passHistory, { params: { passId }, query: { limit: 50 } })
  const zone = useZone()
  const nowMs = useNow()
  return (
    <>
      {history.isPending && <Waiting rows={2} />}
      {history.isError && <Failed error={history.error} retry={() => void history.refetch()} />}
      <ol aria-label="History of the pass">
        {history.data?.data.map(entry => (
          <li key={entry.id} className="py-1.5">
            <p>
              {wordsOf(entry)}
              {entry.note !== null && (
                <>
                  : <bdi>{entry.note}</bdi>
                </>
              )}
            </p>
            <p className="text-13 text-muted">
              {sayMoment(entry.at, nowMs, zone)} · <bdi>{entry.by.name ?? 'somebody who was erased'}</bdi>
            </p>
          </li>
        ))}
      </ol>
    </>
  )
}

const wordsOf = ({ action }: HistoryEntry) => WORDS[action] ?? 'Changed'
