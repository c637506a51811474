import { userHistory } from '@gatehouse/shared/wire/api/students-many.ts'
import { useAsk } from '../api/use-api.ts'
import { Failed, Waiting } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { sayUserChange } from './user-words.ts'

/** What happened to somebody's account, newest first. */
export function UserHistory({ userId }: { readonly userId: string }) {
  const history = useAsk(userHistory, { params: { userId }, query: { limit: 10 } })
  const zone = useZone()
  const nowMs = useNow(60_000)
  return (
    <section aria-label="History">
      <h3 className="border-line border-t pt-4 font-strong">History</h3>
      {history.isPending && <Waiting rows={2} />}
      {history.isError && <Failed error={history.error} retry={() => void history.refetch()} />}
      {history.data?.data.length === 0 && <p className="text-muted">Nothing is written of this account yet.</p>}
      <ol>
        {history.data?.data.map(entry => (
          <li key={entry.id} className="border-line border-b py-2 last:border-b-0">
            <p>{sayUserChange(entry)}</p>
            <p className="text-13 text-muted">
              {sayMoment(entry.at, nowMs, zone)} · <bdi>{entry.by.name ?? 'somebody who was erased'}</bdi>
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}
