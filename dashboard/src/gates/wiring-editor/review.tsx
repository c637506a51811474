import type { ConfigurationChange } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { z } from 'zod'
import { Button } from '../../ui/button.tsx'
import { Acts, Dialog } from '../../ui/dialog.tsx'
import { Problem } from '../../ui/notice.tsx'

export type Change = z.infer<typeof ConfigurationChange>

/** What sending will change, before the button that does. */
export function Review({
  changes,
  onClose,
  onSend,
  sending,
  error,
  title = 'Send this wiring',
  sendWord = 'Send',
}: {
  /** Null: closed. */
  readonly changes: readonly Change[] | null
  readonly onClose: () => void
  readonly onSend: () => void
  readonly sending: boolean
  readonly error: unknown
  readonly title?: string
  readonly sendWord?: string
}) {
  return (
    <Dialog open={changes !== null} onClose={onClose} title={title} wide>
      <Problem error={error} />
      {changes !== null && <Changes changes={changes} />}
      <p className="mt-4 text-muted">
        The gate stops reading for a second or two and makes its doors safe. When a reader or a door is not up within 30
        seconds, it goes back to the wiring it has now, and says why.
      </p>
      <Acts>
        <Button onClick={onClose}>Not yet</Button>
        <Button tone="primary" busy={sending && 'Sending …'} onClick={onSend}>
          {sendWord}
        </Button>
      </Acts>
    </Dialog>
  )
}

export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return <p className="text-muted">Nothing changes for the gate.</p>
  const places = Map.groupBy(changes, ({ place }) => place)
  return (
    <dl className="flex flex-col gap-2">
      {[...places].map(([place, within]) => (
        <div key={place}>
          <dt className="font-medium break-words">
            <bdi>{place}</bdi>
          </dt>
          {within.map(({ what }) => (
            <dd key={what} className="break-words text-muted">
              {what}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  )
}
