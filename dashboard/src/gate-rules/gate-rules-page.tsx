import { type GateRulesContent, getGateRules, putGateRules } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useMay } from '../api/session-context.ts'
import { type Good, useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Part } from '../ui/part.tsx'
import { useSay } from '../ui/said.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { changesBetween, mergeRules, saidAt } from './draft.ts'
import { ExceptionsPart } from './exceptions.tsx'
import { GroupSetsPart } from './group-sets.tsx'
import { ClockPart, CodesPart, GuardPart, NewsPart } from './school-parts.tsx'

type Kept = Good<typeof getGateRules>['data']

/** What the school decides about its gates: one document, saved whole. */
export function GateRulesPage() {
  const kept = useAsk(getGateRules, {})
  return (
    <Page title="Gate rules">
      <div className="panel">
        {kept.isPending && <Waiting rows={6} />}
        {kept.isError && <Failed error={kept.error} retry={() => void kept.refetch()} />}
        {kept.data && (
          <Rules
            kept={kept.data.data}
            readAgain={async () => {
              const { data } = await kept.refetch()
              return data?.data ?? null
            }}
          />
        )}
      </div>
    </Page>
  )
}

type Draft = { readonly base: Kept; readonly rules: GateRulesContent }

function Rules({ kept, readAgain }: { readonly kept: Kept; readonly readAgain: () => Promise<Kept | null> }) {
  const [draft, setDraft] = useState<Draft | null>(null)
  const mayWrite = useMay('settings:update')
  const save = useDo(putGateRules, ['lists'])
  const say = useSay()
  const base = draft?.base ?? kept
  const rules = draft?.rules ?? kept.rules
  const failure = save.error ? failureOf(save.error) : null
  const overtaken = failure?.kind === 'problem' && failure.problem.code === 'overtaken'
  const changes = changesBetween(base.rules, rules)
  const part = {
    rules,
    onChange: (next: GateRulesContent) => setDraft({ base, rules: next }),
    said: saidAt(failure ? fieldProblems(failure) : {}),
  }

  async function keepMine() {
    const newest = await readAgain()
    if (newest === null) return
    setDraft({ base: newest, rules: mergeRules(base.rules, rules, newest.rules) })
    save.reset()
  }

  function drop() {
    setDraft(null)
    save.reset()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    save.mutate(
      { body: { version: base.version, rules } },
      {
        onSuccess: () => {
          setDraft(null)
          say({ text: 'Gate rules saved' })
        },
      },
    )
  }

  return (
    <form onSubmit={submit}>
      <LastChange kept={kept} mayWrite={mayWrite} />
      <fieldset disabled={!mayWrite} className="min-w-0">
        <legend className="sr-only">Gate rules</legend>
        <Part title="Hours and days" about="Hours that passes name, holidays and other days have a page of their own.">
          <div>
            <ButtonLink icon="clock" to="/settings/hours">
              To hours and days
            </ButtonLink>
          </div>
        </Part>
        <CodesPart {...part} />
        <NewsPart {...part} />
        <ClockPart {...part} />
        <ExceptionsPart {...part} />
        <GroupSetsPart {...part} />
        <GuardPart {...part} />
      </fieldset>
      {changes.length > 0 && (
        <div className="sticky bottom-14 z-20 flex flex-col gap-3 border-line border-t bg-surface p-4 md:bottom-0">
          <Problem error={save.error} />
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p role="status" className="mr-auto min-w-0">
              <span className="font-medium">Will change:</span> <bdi>{changes.join('; ')}</bdi>
            </p>
            <Button onClick={drop}>Drop my changes</Button>
            {overtaken ? (
              <Button tone="primary" onClick={() => void keepMine()}>
                Load the newest and keep mine
              </Button>
            ) : (
              <Button type="submit" tone="primary" busy={save.isPending && 'Saving …'}>
                Save
              </Button>
            )}
          </div>
        </div>
      )}
    </form>
  )
}

function LastChange({ kept, mayWrite }: { readonly kept: Kept; readonly mayWrite: boolean }) {
  const nowMs = useNow()
  const zone = useZone()
  return (
    <p className="border-line border-b px-4 py-3 text-muted md:px-6">
      {kept.changedAt === null ? (
        'As they came; nobody has changed them yet.'
      ) : (
        <>
          Changed last{' '}
          {kept.changedBy === null ? (
            ''
          ) : (
            <>
              by <bdi>{kept.changedBy}</bdi>
            </>
          )}{' '}
          {sayMoment(kept.changedAt, nowMs, zone)}.
        </>
      )}{' '}
      {!mayWrite && 'An administrator of the school can change them.'}
    </p>
  )
}
