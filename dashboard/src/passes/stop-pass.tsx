import { type Pass, resumePass, revokePass, suspendPass } from '@gatehouse/shared/wire/api/passes.ts'
import { type FormEvent, useId } from 'react'
import { useMay } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** Revokes or suspends a pass, with a reason; says first what will change. */
export function StopPass({
  pass,
  how,
  onClose,
}: {
  readonly pass: Pass
  readonly how: 'revoke' | 'suspend'
  readonly onClose: () => void
}) {
  const revoke = useDo(revokePass, ['students'])
  const suspend = useDo(suspendPass)
  const resume = useDo(resumePass)
  const mayResume = useMay('pass:update')
  const say = useSay()
  const noteId = useId()
  const params = { passId: pass.passId }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note')).trim()
    if (how === 'revoke') {
      const done = () => {
        say({ text: `Pass ${pass.serial} revoked` })
        onClose()
      }
      return revoke.mutate({ params, body: { note } }, { onSuccess: done })
    }
    const done = () => {
      const undo = mayResume ? { undo: () => resume.mutate({ params }) } : {}
      say({ text: `Pass ${pass.serial} suspended`, ...undo })
      onClose()
    }
    suspend.mutate({ params, body: { note } }, { onSuccess: done })
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={how === 'revoke' ? `Revoke pass ${pass.serial}` : `Suspend pass ${pass.serial}`}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p>
          Pass {pass.serial} of <bdi className="font-medium">{pass.holder.name}</bdi>
        </p>
        <Warning>{effectOf(pass, how)}</Warning>
        <div className="flex flex-col gap-1">
          <label htmlFor={noteId} className="text-13 font-medium">
            Reason
          </label>
          <textarea
            id={noteId}
            name="note"
            required
            minLength={3}
            maxLength={500}
            rows={3}
            dir="auto"
            className="control h-auto w-full py-2"
          />
          <p className="text-13 text-muted">Kept with the pass; the visitor does not read it.</p>
        </div>
        <Problem error={revoke.error ?? suspend.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            tone="danger"
            busy={(revoke.isPending || suspend.isPending) && (how === 'revoke' ? 'Revoking …' : 'Suspending …')}
          >
            {how === 'revoke' ? 'Revoke' : 'Suspend'}
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}

function effectOf({ credentials }: Pass, how: 'revoke' | 'suspend'): string {
  const cards =
    credentials.length === 0
      ? ''
      : credentials.length === 1
        ? ' and its 1 card'
        : ` and its ${credentials.length} cards`
  return how === 'revoke'
    ? `1 pass${cards} will open nothing, from the moment the gates have the new list. It cannot be given back.`
    : `1 pass${cards} will open nothing until it is given back.`
}
