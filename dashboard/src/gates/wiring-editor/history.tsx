import type { GateConfigurationAnswer, SentConfiguration } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/use-now.ts'
import { useZone } from '../../ui/use-zone.ts'
import { sayMoment } from '../../ui/when.ts'
import { Changes } from './review.tsx'

/** What was sent before, and the way back to it. */
export function History({
  answer: { history, newest, reported },
  onRestore,
}: {
  readonly answer: GateConfigurationAnswer
  /** Null: this person may not, or something else is being changed. */
  readonly onRestore: ((version: number) => void) | null
}) {
  const nowMs = useNow()
  const zone = useZone()
  if (history.length === 0) return null
  return (
    <section aria-label="What was sent" className="panel">
      <h2 className="flex h-11 items-center border-line border-b px-4 font-strong">What was sent</h2>
      <ul>
        {history.map(({ version, sentAt, sentBy, changes }: SentConfiguration) => (
          <li key={version} className="flex flex-col gap-2 border-line border-b p-4 last:border-b-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-medium">Version {version}</span>
              {reported?.version === version && <Badge tone="granted">in force</Badge>}
              {reported?.refusedVersion === version && <Badge tone="refused">did not hold</Badge>}
              <span className="text-13 text-muted">
                {sayMoment(sentAt, nowMs, zone)}
                {sentBy !== null && (
                  <>
                    {' by '}
                    <bdi>{sentBy}</bdi>
                  </>
                )}
              </span>
              {onRestore !== null && version !== newest?.version && (
                <Button className="ml-auto" onClick={() => onRestore(version)}>
                  Restore<span className="sr-only"> version {version}</span>
                </Button>
              )}
            </div>
            <Folded changes={changes} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A first description names everything there is: as much is shown when somebody asks. */
const SHOWN_AT_ONCE = 3

function Folded({ changes }: Pick<SentConfiguration, 'changes'>) {
  if (changes.length <= SHOWN_AT_ONCE) return <Changes changes={changes} />
  return (
    <details>
      <summary className="text-accent hover:underline">{changes.length} changes</summary>
      <div className="pt-2">
        <Changes changes={changes} />
      </div>
    </details>
  )
}
