import {
  applyImport,
  cancelImport,
  getImport,
  type ImportInFull,
  undoImport,
} from '@gatehouse/shared/wire/api/imports.ts'
import { type ReactNode, useState } from 'react'
import { useParams } from 'react-router'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'
import { ImportRows } from './import-rows.tsx'
import { isBusy, STATE_TONES, STATE_WORDS, sayBeforeUndo, sayOutcome, sayPlan, sayUndo } from './import-words.ts'
import { MappingForm } from './mapping-form.tsx'
import { PlanNumbers } from './plan-numbers.tsx'

const LOOK_MS = 1_000

/** One import, from its columns to its end. */
export function ImportPage() {
  const { importId = '' } = useParams()
  const [busy, setBusy] = useState(false)
  const found = useAsk(getImport, { params: { importId } }, busy ? { refetchMs: LOOK_MS } : {})
  const one = found.data?.data
  if (one !== undefined && isBusy(one) !== busy) setBusy(isBusy(one))
  return (
    <Page title={one?.name ?? 'Import'} acts={<ButtonLink to="/imports">All imports</ButtonLink>}>
      {found.isPending && <Waiting rows={6} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {one && <Steps one={one} />}
    </Page>
  )
}

function Steps({ one }: { readonly one: ImportInFull }) {
  const [again, setAgain] = useState(false)
  const mapping =
    one.state === 'uploaded' || again || (one.state === 'failed' && one.plan === null && one.headings.length > 0)
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-2">
        <Badge tone={STATE_TONES[one.state]}>{STATE_WORDS[one.state]}</Badge>
        {one.problem && <p className="text-refused">{one.problem}</p>}
      </div>
      {isBusy(one) && <Progress one={one} />}
      {mapping && !isBusy(one) && <MappingForm one={one} onBegun={() => setAgain(false)} />}
      {one.plan && !mapping && <Plan one={one} change={() => setAgain(true)} />}
      {one.plan && !mapping && <ImportRows one={one} />}
    </div>
  )
}

function Progress({ one }: { readonly one: ImportInFull }) {
  const { done, total } = one.progress
  return (
    <div className="panel flex flex-col gap-2 p-4" role="status">
      <p>
        {STATE_WORDS[one.state]}{' '}
        {total === null ? done.toLocaleString() : `${done.toLocaleString()} of ${total.toLocaleString()}`}
      </p>
      <progress
        className="w-full accent-accent"
        aria-label="Progress"
        {...(total ? { value: done, max: total } : {})}
      />
      <p className="text-13 text-muted">You may leave this page; it goes on by itself.</p>
    </div>
  )
}

function Plan({ one, change }: { readonly one: ImportInFull; readonly change: () => void }) {
  const zone = useZone()
  const [undoing, setUndoing] = useState(false)
  const plan = one.plan!
  const words = one.undo ? sayUndo(one.undo) : one.outcome ? sayOutcome(one.outcome) : sayPlan(plan)
  const halfway = one.state === 'failed' && one.outcome !== null
  return (
    <section className="panel flex flex-col gap-4 p-4" aria-label="What it does">
      <p className="text-16 font-strong">{words}</p>
      <PlanNumbers plan={plan} />
      {(one.state === 'planned' || halfway || (one.state === 'failed' && one.outcome === null)) && (
        <Apply one={one} change={change} />
      )}
      {(one.state === 'applied' || halfway) && (
        <Acts>
          <Button tone={one.state === 'applied' ? 'plain' : 'danger'} onClick={() => setUndoing(true)}>
            Undo this import …
          </Button>
          {one.undoUntil && <p className="text-13 text-muted">Possible until {sayDay(one.undoUntil, zone)}.</p>}
        </Acts>
      )}
      <Dialog open={undoing} onClose={() => setUndoing(false)} title="Undo this import">
        <Undo one={one} onClose={() => setUndoing(false)} />
      </Dialog>
    </section>
  )
}

function Undo({ one, onClose }: { readonly one: ImportInFull; readonly onClose: () => void }) {
  const undo = useDo(undoImport, ['students', 'passes'])
  return (
    <div className="flex flex-col gap-4">
      {one.outcome && <Warning>{sayBeforeUndo(one.outcome)}</Warning>}
      <p>Whom somebody changed or gave a pass since stays as they are. A pass that was revoked stays revoked.</p>
      <Problem error={undo.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={undo.isPending && 'Beginning …'}
          onClick={() => undo.mutate({ params: { importId: one.id } }, { onSuccess: onClose })}
        >
          Undo it
        </Button>
      </div>
    </div>
  )
}

function Apply({ one, change }: { readonly one: ImportInFull; readonly change: () => void }) {
  const [typed, setTyped] = useState('')
  const apply = useDo(applyImport, ['students', 'passes'])
  const cancel = useDo(cancelImport)
  const plan = one.plan!
  const params = { importId: one.id }
  const confirmed = !one.held || typed.trim() === String(plan.hurt)
  const nothing = plan.made + plan.changed + plan.absent === 0
  return (
    <>
      {one.held && (
        <>
          <Warning>
            {plan.hurt.toLocaleString()} of {plan.living.toLocaleString()} students would be archived, leave or be
            suspended. That is more than {one.stop.percent} % or {one.stop.students}. Is this the right file, and is it
            whole?
          </Warning>
          <div className="max-w-xs">
            <Field
              label={`If it is right, type ${plan.hurt}`}
              inputMode="numeric"
              value={typed}
              onChange={event => setTyped(event.target.value)}
            />
          </div>
        </>
      )}
      <Acts>
        <Button
          tone={plan.hurt > 0 ? 'danger' : 'primary'}
          disabled={!confirmed || nothing}
          busy={apply.isPending && 'Beginning …'}
          onClick={() => apply.mutate({ params, body: one.held ? { confirmHurt: plan.hurt } : {} })}
        >
          {one.state === 'failed' ? 'Go on' : `Import ${(plan.made + plan.changed + plan.absent).toLocaleString()}`}
        </Button>
        {one.outcome === null && (
          <>
            {one.kind !== 'oneroster_rest' && <Button onClick={change}>Change the columns</Button>}
            <Button tone="quiet" busy={cancel.isPending && 'Giving up …'} onClick={() => cancel.mutate({ params })}>
              Give it up
            </Button>
          </>
        )}
      </Acts>
      <Problem error={apply.error ?? cancel.error} />
    </>
  )
}

function Acts({ children }: { readonly children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2">{children}</div>
}
