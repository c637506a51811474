import { issuePassBatch, previewPassBatch } from '@gatehouse/shared/wire/api/pass-batches.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { useEffect } from 'react'
import { Link } from 'react-router'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Waiting } from '../ui/notice.tsx'
import { sayNotIssued } from './batch-words.ts'

/** Issues passes to the students of a list or to those ticked, with what that does in numbers first. */
export function IssueMany({
  studentIds,
  filter,
  onClose,
  onIssued,
}: {
  /** Null: everybody the filter finds. */
  readonly studentIds: readonly string[] | null
  readonly filter: {
    readonly search?: string | undefined
    readonly status?: Student['status'] | undefined
    readonly departmentId?: string | undefined
  }
  readonly onClose: () => void
  readonly onIssued: () => void
}) {
  const preview = useDo(previewPassBatch)
  const issue = useDo(issuePassBatch, ['jobs'])
  const wanted = Object.fromEntries(Object.entries(filter).filter(([, word]) => word !== undefined))
  const body = studentIds === null ? { filter: wanted } : { studentIds: [...studentIds] }
  const { mutate } = preview
  // biome-ignore lint/correctness/useExhaustiveDependencies: list and ticks stand still below the dialog.
  useEffect(() => mutate({ body }), [mutate])
  const counts = preview.data

  return (
    <Dialog open onClose={onClose} title="Issue passes">
      {issue.data ? (
        <div className="flex flex-col gap-4">
          <p role="status">
            {issue.data.preview.issued.toLocaleString()} passes are being issued. <Link to="/jobs">Jobs</Link> shows how
            far it is.
          </p>
          <Acts>
            <Button onClick={onClose}>Close</Button>
          </Acts>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <p className="text-muted">
            Each gets a student’s pass with the access level and the end that the school has for their department.
            Whoever has one gets no second.
          </p>
          {preview.isPending && <Waiting rows={2} word="Counting" />}
          {counts && (
            <div>
              <p className="text-16 font-strong">
                {counts.issued.toLocaleString()} of {counts.chosen.toLocaleString()} get a pass
              </p>
              <ul className="list-disc pl-5 text-muted">
                {sayNotIssued(counts).map(line => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </div>
          )}
          <Problem error={preview.error ?? issue.error} />
          <Acts>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              tone="primary"
              disabled={!counts || counts.issued === 0}
              busy={issue.isPending && 'Beginning …'}
              onClick={() => issue.mutate({ body }, { onSuccess: onIssued })}
            >
              Issue the passes
            </Button>
          </Acts>
        </div>
      )}
    </Dialog>
  )
}
