import { approveList, type PendingList } from '@gatehouse/shared/wire/api/lists.ts'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { failureOf } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { sayEffect, sayUsed } from './hold-words.ts'

/**
 * Lets a waiting change go, with a note. What is let go is what the dialog showed when it opened: numbers that became others since
 * are shown, and asked about again.
 */
export function ApproveHold({ hold, onClose }: { readonly hold: PendingList; readonly onClose: () => void }) {
  const approve = useDo(approveList)
  const queries = useQueryClient()
  const say = useSay()
  const noteId = useId()
  const [seen, setSeen] = useState(hold)
  const isAnother = seen.contentHash !== hold.contentHash

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (isAnother) return setSeen(hold)
    const note = String(new FormData(event.currentTarget).get('note'))
    approve.mutate(
      { params: { holdId: seen.id }, body: { contentHash: seen.contentHash, note } },
      {
        onSuccess: () => {
          say({ text: 'Let go; the gates get it in a moment' })
          onClose()
        },
        onError: error => {
          const failure = failureOf(error)
          if (failure.kind === 'problem' && failure.problem.code === 'changed_since')
            void queries.invalidateQueries({ queryKey: ['lists'] })
        },
      },
    )
  }

  return (
    <Dialog open onClose={onClose} title="Let the change go">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Warning>
          {sayEffect(hold.numbers)}, at every gate as soon as it has the new list. {sayUsed(hold.numbers.usedToday)}
        </Warning>
        {isAnother && (
          <p role="alert">The change became another one while you looked. These are its numbers now; look again.</p>
        )}
        <div className="flex flex-col gap-1">
          <label htmlFor={noteId} className="text-13 font-medium">
            Why it is right
          </label>
          <textarea
            id={noteId}
            name="note"
            required
            minLength={3}
            maxLength={500}
            rows={3}
            dir="auto"
            aria-describedby={`${noteId}-hint`}
            className="control h-auto w-full py-2"
          />
          <p id={`${noteId}-hint`} className="text-13 text-muted">
            Kept with the change, under your name.
          </p>
        </div>
        {!isAnother && <Problem error={approve.error} />}
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" busy={approve.isPending && 'Letting go …'}>
            {isAnother ? 'I have seen them' : 'Let it go'}
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
