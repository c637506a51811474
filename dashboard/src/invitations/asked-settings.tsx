import {
  CLAIM_CHECKS,
  type ClaimCheck,
  getInvitationSettings,
  setInvitationSettings,
} from '@gatehouse/shared/wire/api/invitations.ts'
import type { FormEvent } from 'react'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Tick } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

const CHECK_WORDS: Record<ClaimCheck, string> = {
  student_number: 'The student number',
  birth_date: 'The date of birth',
}

/** What a student is asked for beside the code, so that a letter in wrong hands opens nothing. */
export function AskedSettings({ onClose }: { readonly onClose: () => void }) {
  const settings = useAsk(getInvitationSettings, {})
  return (
    <Dialog open onClose={onClose} title="What is asked for beside the code">
      {settings.isPending && <Waiting rows={2} />}
      {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Form checks={settings.data.data.checks} onClose={onClose} />}
    </Dialog>
  )
}

function Form({ checks, onClose }: { readonly checks: readonly ClaimCheck[]; readonly onClose: () => void }) {
  const save = useDo(setInvitationSettings)
  const say = useSay()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    save.mutate(
      { body: { checks: CLAIM_CHECKS.filter(check => form.get(check) !== null) } },
      {
        onSuccess: () => {
          say({ text: 'Saved' })
          onClose()
        },
      },
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-muted">
        Whoever finds a letter has its code. What only the student knows keeps it shut; it counts for invitations that
        are open already.
      </p>
      <div>
        {CLAIM_CHECKS.map(check => (
          <Tick key={check} name={check} label={CHECK_WORDS[check]} defaultChecked={checks.includes(check)} />
        ))}
      </div>
      <p className="text-13 text-muted">
        Students whose date of birth is not known cannot be invited where it is asked for.
      </p>
      <Problem error={save.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={save.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}
