import { decideApplications } from '@gatehouse/shared/wire/api/applications.ts'
import { useState } from 'react'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { LongField } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'

type Refused = { readonly applicationId: string; readonly message: string }

/** Approves or rejects those that were ticked. Each is decided for itself, and what could not be is said with why. */
export function DecideMany({
  applicationIds,
  onDone,
  onClose,
}: {
  readonly applicationIds: readonly string[]
  /** With those that were not decided. */
  readonly onDone: (left: readonly string[]) => void
  readonly onClose: () => void
}) {
  const decide = useDo(decideApplications, ['passes'])
  // Those that were ticked when it was opened: those that are decided lose their tick behind it.
  const [ids] = useState(applicationIds)
  const [reason, setReason] = useState('')
  const [outcome, setOutcome] = useState<{ done: number; refused: readonly Refused[] } | null>(null)

  async function go(decision: 'approve' | 'reject') {
    const body = { decision, reason: reason.trim() || null, applicationIds: [...ids] }
    const answers = await decide.mutateAsync({ body })
    const refused = answers.flatMap(({ applicationId, done, problem }) =>
      done ? [] : [{ applicationId, message: problem?.message ?? 'It was not decided.' }],
    )
    setOutcome({ done: answers.length - refused.length, refused })
    onDone(refused.map(({ applicationId }) => applicationId))
  }

  if (outcome !== null) {
    return (
      <Dialog open onClose={onClose} title="Decided">
        <div role="status" className="flex flex-col gap-2">
          <p>
            {outcome.done} of {ids.length} decided.
          </p>
          {tally(outcome.refused).map(([message, count]) => (
            <Warning key={message}>
              {count} not: {message}
            </Warning>
          ))}
        </div>
        <Acts>
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        </Acts>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} title={`Decide ${ids.length} ${ids.length === 1 ? 'application' : 'applications'}`}>
      <div className="flex flex-col gap-4">
        <p>Who is approved gets a pass at once. Every applicant is told.</p>
        <LongField
          label="Reason"
          hint="The applicants read it. It is needed to reject."
          maxLength={1_000}
          value={reason}
          onChange={event => setReason(event.target.value)}
        />
        <Problem error={decide.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="danger"
            disabled={decide.isPending || reason.trim().length < 3}
            onClick={() => void go('reject').catch(() => {})}
          >
            Reject {ids.length}
          </Button>
          <Button
            tone="primary"
            busy={decide.isPending && 'Deciding …'}
            onClick={() => void go('approve').catch(() => {})}
          >
            Approve {ids.length}
          </Button>
        </Acts>
      </div>
    </Dialog>
  )
}

function tally(refused: readonly Refused[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { message } of refused) counts.set(message, (counts.get(message) ?? 0) + 1)
  return [...counts]
}
