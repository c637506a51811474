import { endVisit, type VisitorInFull } from '@gatehouse/shared/wire/api/visitors.ts'
import type { FormEvent } from 'react'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { LongField } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { visitorName } from './visitor-words.ts'

/** Signs a visitor out: the pass opens nothing any more. */
export function EndVisit({ visitor, onClose }: { readonly visitor: VisitorInFull; readonly onClose: () => void }) {
  const end = useDo(endVisit, ['passes'])
  const say = useSay()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note')).trim()
    const done = () => {
      say({ text: `The visit of ${visitorName(visitor)} is over` })
      onClose()
    }
    const body = note === '' ? {} : { note }
    end.mutate({ params: { visitorId: visitor.id }, body }, { onSuccess: done })
  }

  return (
    <Dialog open onClose={onClose} title="End the visit">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p>
          <bdi className="font-medium">{visitorName(visitor)}</bdi> is signed out.
        </p>
        <Warning>
          The pass will open nothing, from the moment the gates have the new list. It cannot be given back.
        </Warning>
        <LongField label="Note" name="note" minLength={3} maxLength={500} hint="Kept with the pass. May stay empty." />
        <Problem error={end.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" busy={end.isPending && 'Ending …'}>
            End the visit
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
