import { beginVisit, type VisitorInFull } from '@gatehouse/shared/wire/api/visitors.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { type Host, HostPicker } from './host-picker.tsx'
import { readVisit, VisitFields } from './visit-fields.tsx'
import { visitorName } from './visitor-words.ts'

/** A visitor who was here before comes again. */
export function VisitAgain({ visitor, onClose }: { readonly visitor: VisitorInFull; readonly onClose: () => void }) {
  const begin = useDo(beginVisit, ['passes'])
  const say = useSay()
  const zone = useZone()
  const [host, setHost] = useState<Host | null>(visitor.host.active ? visitor.host : null)
  const [missing, setMissing] = useState<string | null>(null)
  const problems = begin.error ? fieldProblems(failureOf(begin.error)) : {}

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (host === null) return setMissing('Choose whom the visitor comes to see.')
    setMissing(null)
    const purpose = String(form.get('purpose')).trim() || null
    const body = { hostUserId: host.userId, purpose, ...(await readVisit(form, zone.timeZone)) }
    const done = () => {
      say({ text: `${visitorName(visitor)} has a pass for another visit` })
      onClose()
    }
    begin.mutate({ params: { visitorId: visitor.id }, body }, { onSuccess: done })
  }

  return (
    <Dialog open onClose={onClose} title="Another visit">
      <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
        <p>
          <bdi className="font-medium">{visitorName(visitor)}</bdi> comes again.
        </p>
        <Field
          label="Purpose"
          name="purpose"
          autoComplete="off"
          defaultValue={visitor.purpose ?? ''}
          problem={problems.purpose}
        />
        <HostPicker picked={host} onPick={setHost} problem={problems.hostUserId} />
        <VisitFields problems={problems} />
        <Problem error={missing ?? begin.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={begin.isPending && 'Issuing …'}>
            Issue the pass
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
