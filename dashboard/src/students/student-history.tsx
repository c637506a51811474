import { type HistoryEntry, studentHistory } from '@gatehouse/shared/wire/api/students-many.ts'
import { useAsk } from '../api/use-api.ts'
import { Failed, Waiting } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { FIELD_WORDS, STATUS_WORDS } from './student-words.ts'

/** Who changed what and when. Personal fields are named; what they were is not told here. */
export function StudentHistory({ studentId }: { readonly studentId: string }) {
  const history = useAsk(studentHistory, { params: { studentId }, query: { limit: 20 } })
  const zone = useZone()
  const nowMs = useNow()
  return (
    <section aria-label="History" className="panel">
      <h2 className="flex h-11 items-center border-line border-b px-4 font-strong">History</h2>
      {history.isPending && <Waiting rows={3} />}
      {history.isError && <Failed error={history.error} retry={() => void history.refetch()} />}
      <ol>
        {history.data?.data.map(entry => (
          <li key={entry.id} className="border-line border-b px-4 py-2 last:border-b-0">
            <p>{whatWords(entry)}</p>
            <p className="text-13 text-muted">
              {sayMoment(entry.at, nowMs, zone)} · <bdi>{entry.by.name ?? 'somebody who was erased'}</bdi>
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function whatWords({ action, after }: HistoryEntry): string {
  if (action === 'student.create') return 'Entered'
  if (action === 'student.archive') return 'Archived'
  if (action === 'student.merge') return 'Merged with another entry of the same student'
  const { status, ...fields } = after ?? {}
  const names = Object.keys(fields).flatMap(name => FIELD_WORDS[name] ?? [])
  const turned =
    typeof status === 'string' ? `Became ${(STATUS_WORDS as Record<string, string>)[status] ?? status}` : null
  return [turned, names.length > 0 ? `Changed ${names.join(', ')}` : null].filter(Boolean).join('. ') || 'Changed'
}
