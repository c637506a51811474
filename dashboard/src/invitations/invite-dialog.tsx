import {
  INVITATION_WAYS,
  type InvitationWay,
  inviteStudents,
  previewInvitations,
} from '@gatehouse/shared/wire/api/invitations.ts'
import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { useDo } from '../api/use-api.ts'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Waiting } from '../ui/notice.tsx'
import { sayNotInvited, sayReplaced, WAY_WORDS } from './invitation-words.ts'

const WAY_HINTS: Record<InvitationWay, string> = {
  mail: 'A link to the address the school has, good for seven days.',
  print:
    'A code of twelve characters each, on sheets to cut, good for thirty days. The sheets can be printed for a day.',
}

/** Some of a list, and what they are called together. */
export type Chosen = { readonly ids: readonly string[]; readonly words: string }

/** Invites the students of a list, or those chosen from it, with what that does in numbers first. */
export function InviteDialog({
  onClose,
  onInvited,
  filter,
  total,
  chosen,
}: {
  readonly onClose: () => void
  readonly onInvited: () => void
  readonly filter: {
    readonly search?: string | undefined
    readonly status?: Student['status'] | undefined
    readonly departmentId?: string | undefined
  }
  /** null: more than anybody pages through. */
  readonly total: number | null
  readonly chosen: Chosen | null
}) {
  const [by, setBy] = useState<InvitationWay>('mail')
  const [whom, setWhom] = useState<'chosen' | 'all'>(chosen === null ? 'all' : 'chosen')
  const preview = useDo(previewInvitations)
  const invite = useDo(inviteStudents, ['jobs'])
  const body =
    whom === 'chosen' && chosen !== null
      ? { studentIds: [...chosen.ids], by }
      : { filter: Object.fromEntries(Object.entries(filter).filter(([, word]) => word !== undefined)), by }

  const { mutate } = preview
  // biome-ignore lint/correctness/useExhaustiveDependencies: list and ticks stand still below the dialog.
  useEffect(() => mutate({ body }), [mutate, by, whom])

  return (
    <Dialog open onClose={onClose} title="Invite to accounts">
      <div className="flex flex-col gap-4">
        {invite.data ? (
          <Begun by={by} jobId={invite.data.jobId} batchId={invite.data.batchId} onClose={onClose} />
        ) : (
          <>
            {chosen !== null && (
              <Chips name="Whom">
                <Chip on={whom === 'chosen'} onPress={() => setWhom('chosen')}>
                  <bdi>{chosen.words}</bdi>
                </Chip>
                <Chip on={whom === 'all'} onPress={() => setWhom('all')}>
                  {total === null ? 'All of the list' : `All ${total.toLocaleString()} of the list`}
                </Chip>
              </Chips>
            )}
            <Chips name="How">
              {INVITATION_WAYS.map(way => (
                <Chip key={way} on={by === way} onPress={() => setBy(way)}>
                  {WAY_WORDS[way]}
                </Chip>
              ))}
            </Chips>
            <p className="text-13 text-muted">{WAY_HINTS[by]}</p>
            {preview.isPending && <Waiting rows={2} word="Counting" />}
            {preview.data && !preview.isPending && (
              <div>
                <p className="text-16 font-strong">
                  {preview.data.invited.toLocaleString()} of {preview.data.chosen.toLocaleString()} will be invited
                </p>
                <ul className="list-disc pl-5 text-muted">
                  {sayNotInvited(preview.data).map(line => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
                {preview.data.replaced > 0 && <p className="mt-2 text-warning">{sayReplaced(preview.data.replaced)}</p>}
              </div>
            )}
            <Problem error={preview.error ?? invite.error} />
            <Acts>
              <Button onClick={onClose}>Cancel</Button>
              <Button
                tone="primary"
                disabled={preview.isPending || !preview.data || preview.data.invited === 0}
                busy={invite.isPending && 'Inviting …'}
                onClick={() => invite.mutate({ body }, { onSuccess: onInvited })}
              >
                {by === 'mail' ? 'Send the invitations' : 'Make the codes'}
              </Button>
            </Acts>
          </>
        )}
      </div>
    </Dialog>
  )
}

function Begun({
  by,
  jobId,
  batchId,
  onClose,
}: {
  readonly by: InvitationWay
  readonly jobId: string
  readonly batchId: string
  readonly onClose: () => void
}) {
  return (
    <>
      <p role="status">
        It goes on in the background.{' '}
        <Link to={`/jobs?open=${jobId}`} className="quiet-link">
          See how far it is
        </Link>
        {by === 'print' && ', and print the codes when it is done.'}
      </p>
      <Acts>
        <Button onClick={onClose}>Close</Button>
        <Link
          to={`/invitations?batch=${batchId}`}
          className="control inline-flex items-center bg-surface hover:bg-sunken"
        >
          {by === 'print' ? 'To the codes' : 'To the invitations'}
        </Link>
      </Acts>
    </>
  )
}
