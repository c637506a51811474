import { type Pass, renewPass } from '@gatehouse/shared/wire/api/passes.ts'
import type { FormEvent } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay, startOfDay } from '../ui/when.ts'

/** Gives a pass the next end that the school has for its kind. */
export function RenewPass({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const renew = useDo(renewPass, ['students'])
  const zone = useZone()
  const say = useSay()

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const last = String(new FormData(event.currentTarget).get('expires'))
    const body = last === '' ? {} : { expires: await startOfDay(last, zone.timeZone, 1) }
    const done = ({ serial, expires }: Pass) => {
      say({ text: `Pass ${serial} opens until ${sayLastDay(expires, zone)}` })
      onClose()
    }
    renew.mutate({ params: { passId: pass.passId }, body }, { onSuccess: done })
  }

  return (
    <Dialog open onClose={onClose} title={`Renew pass ${pass.serial}`}>
      <form onSubmit={event => void submit(event)} className="flex flex-col gap-4">
        <p>
          Pass {pass.serial} of <bdi className="font-medium">{pass.holder.name}</bdi>{' '}
          {pass.expired ? 'ended on' : 'opens until'} {sayLastDay(pass.expires, zone)}.
        </p>
        <Field
          label="Last day"
          name="expires"
          type="date"
          hint="Left empty: the next end that the school has for passes of this kind"
          problem={renew.error ? fieldProblems(failureOf(renew.error)).expires : undefined}
        />
        <p className="text-13 text-muted">
          Cards and phones go on by themselves. A printed code says its end: print it anew.
        </p>
        <Problem error={renew.error} />
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={renew.isPending && 'Renewing …'}>
            Renew
          </Button>
        </Acts>
      </form>
    </Dialog>
  )
}
