import { PASS_CLASSES } from '@gatehouse/shared/pass/body.ts'
import { listDepartments } from '@gatehouse/shared/wire/api/departments.ts'
import { previewPassRenewal, type RenewalPreview, renewPasses } from '@gatehouse/shared/wire/api/pass-renewals.ts'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem, Waiting } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { dateField, startOfDay } from '../ui/when.ts'
import { capital } from './pass-words.ts'
import { sayNotRenewed, sayReason } from './renewal-words.ts'

type Kind = (typeof PASS_CLASSES)[number]
type Asked = {
  readonly kind: Kind | ''
  readonly departmentId: string
  /** Days: `2026-12-31`, or empty. */
  readonly endsBy: string
  readonly newEnd: string
}

const SOON_DAYS = 30
const DAY_MS = 86_400_000

/** Renews the passes that are ticked, or those of a kind that end soon, with what that does in numbers first. */
export function RenewMany({
  passIds,
  onClose,
  onRenewed,
}: {
  /** Null: by kind, department and end. */
  readonly passIds: readonly string[] | null
  readonly onClose: () => void
  readonly onRenewed: () => void
}) {
  const preview = useDo(previewPassRenewal)
  const renew = useDo(renewPasses, ['jobs', 'passes'])
  const zone = useZone()
  const [asked, setAsked] = useState<Asked>({
    kind: '',
    departmentId: '',
    endsBy: dateField(Date.now() + SOON_DAYS * DAY_MS, zone.timeZone),
    newEnd: '',
  })
  const { mutate } = preview
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ticks stand still below the dialog.
  useEffect(() => {
    void bodyOf(passIds, asked, zone.timeZone).then(body => mutate({ body }))
  }, [mutate, asked, zone.timeZone])
  const counts = preview.data
  const change = (changed: Partial<Asked>) => setAsked(before => ({ ...before, ...changed }))
  const begin = async () =>
    renew.mutate({ body: await bodyOf(passIds, asked, zone.timeZone) }, { onSuccess: onRenewed })

  return (
    <Dialog open onClose={onClose} title="Renew passes">
      {renew.data ? (
        <div className="flex flex-col gap-4">
          <p role="status">
            {renew.data.preview.renewed.toLocaleString()} passes are being renewed. <Link to="/jobs">Jobs</Link> shows
            how far it is.
          </p>
          <Acts>
            <Button onClick={onClose}>Close</Button>
          </Acts>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          {passIds === null && <Which asked={asked} onChange={change} />}
          <Field
            label="New last day"
            type="date"
            value={asked.newEnd}
            onChange={event => change({ newEnd: event.target.value })}
            hint="Left empty: the next end that the school has for passes of each kind"
          />
          {preview.isPending && !counts && <Waiting rows={2} word="Counting" />}
          {counts && <Numbers counts={counts} />}
          <p className="text-13 text-muted">
            Cards and phones go on by themselves. A printed code says its end: print it anew.
          </p>
          <Problem error={preview.error ?? renew.error} />
          <Acts>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              tone="primary"
              disabled={!counts || preview.isPending || counts.renewed === 0}
              busy={renew.isPending && 'Beginning …'}
              onClick={() => void begin()}
            >
              Renew the passes
            </Button>
          </Acts>
        </div>
      )}
    </Dialog>
  )
}

function Which({ asked, onChange }: { readonly asked: Asked; readonly onChange: (changed: Partial<Asked>) => void }) {
  const departments = useAsk(listDepartments, {}, { enabled: useMay('settings:read') })
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Choice
        label="Kind"
        value={asked.kind}
        onChange={event => onChange({ kind: PASS_CLASSES.find(each => each === event.target.value) ?? '' })}
      >
        <option value="">all kinds</option>
        {PASS_CLASSES.map(each => (
          <option key={each} value={each}>
            {capital(each)}
          </option>
        ))}
      </Choice>
      <Choice
        label="Department"
        value={asked.departmentId}
        onChange={event => onChange({ departmentId: event.target.value })}
      >
        <option value="">all departments</option>
        {departments.data?.data.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      <Field
        label="That end by"
        type="date"
        value={asked.endsBy}
        onChange={event => onChange({ endsBy: event.target.value })}
        hint="Left empty: whenever they end"
      />
    </div>
  )
}

function Numbers({ counts }: { readonly counts: RenewalPreview }) {
  return (
    <div>
      <p className="text-16 font-strong">
        {counts.renewed.toLocaleString()} of {counts.chosen.toLocaleString()} are renewed
      </p>
      <ul className="list-disc pl-5 text-muted">
        {sayNotRenewed(counts).map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {counts.passes.length > 0 && (
        <details className="mt-2">
          <summary className="cursor-pointer text-13">Which are not</summary>
          <ul aria-label="Passes that are not renewed" className="mt-1 max-h-40 overflow-y-auto text-13">
            {counts.passes.map(({ passId, serial, holderName, reason }) => (
              <li key={passId}>
                Pass {serial} of <bdi>{holderName}</bdi> {sayReason(reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

async function bodyOf(passIds: readonly string[] | null, { kind, departmentId, endsBy, newEnd }: Asked, zone: string) {
  const expires = newEnd === '' ? {} : { expires: await startOfDay(newEnd, zone, 1) }
  if (passIds !== null) return { passIds: [...passIds], ...expires }
  const filter = {
    ...(kind !== '' && { class: kind }),
    ...(departmentId !== '' && { departmentId }),
    // An end at 24:00 of that day is not before it.
    ...(endsBy !== '' && { endsBefore: new Date(Date.parse(await startOfDay(endsBy, zone, 1)) + 1).toISOString() }),
  }
  return { filter, ...expires }
}
