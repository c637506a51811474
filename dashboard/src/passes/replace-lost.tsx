import { type Pass, replaceLost } from '@gatehouse/shared/wire/api/passes.ts'
import { type FormEvent, useId, useState } from 'react'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { TECHNOLOGY_WORDS } from './pass-words.ts'

const PRINTED = 'printed'

/** Says what was lost: it opens nothing any more, and the pass stays. */
export function ReplaceLost({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const [lost, setLost] = useState(pass.credentials.length === 1 ? pass.credentials[0]!.id : '')
  const replace = useDo(replaceLost)
  const say = useSay()
  const noteId = useId()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note')).trim()
    const what = lost === PRINTED ? { printed: true as const } : { credentialId: lost }
    const done = () => {
      say({
        text:
          lost === PRINTED
            ? 'What was printed opens nothing now; print the code anew'
            : 'The lost card opens nothing now; add the new one',
      })
      onClose()
    }
    replace.mutate({ params: { passId: pass.passId }, body: { note, ...what } }, { onSuccess: done })
  }

  return (
    <Dialog open onClose={onClose} title={`Something of pass ${pass.serial} is lost`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-13 font-medium">What is lost</legend>
          {pass.credentials.map(card => (
            <Choice key={card.id} value={card.id} chosen={lost} onChoose={setLost}>
              Card <span className="font-mono text-13">…{card.ending}</span> {TECHNOLOGY_WORDS[card.technology]}
            </Choice>
          ))}
          <Choice value={PRINTED} chosen={lost} onChoose={setLost}>
            The printed code
          </Choice>
        </fieldset>
        <Warning>It opens nothing from the moment the gates have the new list. The pass itself stays.</Warning>
        <div className="flex flex-col gap-1">
          <label htmlFor={noteId} className="text-13 font-medium">
            What happened
          </label>
          <input id={noteId} name="note" required minLength={3} maxLength={500} dir="auto" className="control w-full" />
        </div>
        <Problem error={replace.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" disabled={lost === ''} busy={replace.isPending && 'Taking it off …'}>
            It is lost
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}

function Choice({
  value,
  chosen,
  onChoose,
  children,
}: {
  readonly value: string
  readonly chosen: string
  readonly onChoose: (value: string) => void
  readonly children: React.ReactNode
}) {
  return (
    <label className="flex min-h-9 items-center gap-2 pointer-coarse:min-h-11">
      <input type="radio" name="lost" value={value} checked={chosen === value} onChange={() => onChoose(value)} />
      <span>{children}</span>
    </label>
  )
}
