import type { Answer } from '@gatehouse/shared/applications/answers.ts'
import { isFile } from '@gatehouse/shared/applications/form.ts'
import { isOpenToApplicant } from '@gatehouse/shared/applications/machine.ts'
import {
  type MyApplication,
  reopenMyApplication,
  saveMyApplication,
  submitMyApplication,
  withdrawMyApplication,
} from '@gatehouse/shared/wire/api/applications.ts'
import { useEffect, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { AnswerField } from './answer-field.tsx'
import { STATUS_TONES, STATUS_WORDS } from './application-words.ts'
import { Entries } from './entries.tsx'

type Change = Readonly<Record<string, Answer | null>>

/** After so long without a key the draft is saved. */
const SAVE_AFTER_MS = 800

/** The form, saved by itself while it may be changed; else what was said. */
export function ApplyForm({ application }: { readonly application: MyApplication }) {
  const { id, form, status } = application
  const params = { applicationId: id }
  const save = useDo(saveMyApplication)
  const submit = useDo(submitMyApplication)
  const withdraw = useDo(withdrawMyApplication)
  const reopen = useDo(reopenMyApplication)
  const say = useSay()
  const [change, setChange] = useState<Change>({})
  const open = isOpenToApplicant(status)
  const problems = {
    ...(save.error && fieldProblems(failureOf(save.error))),
    ...(submit.error && fieldProblems(failureOf(submit.error))),
  }
  const unsaved = Object.keys(change).length > 0

  const { mutateAsync } = save
  const keep = () =>
    mutateAsync({ params, body: { answers: change } }).then(() => setChange(later => without(later, change)))
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed is why.
  useEffect(() => {
    if (!unsaved) return
    const timer = setTimeout(() => void keep().catch(() => {}), SAVE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [change])

  async function send() {
    if (unsaved) await keep()
    await submit.mutateAsync({ params })
    say({ text: status === 'draft' ? 'Submitted' : 'Handed in' })
  }

  return (
    <div className="flex flex-col gap-4">
      <div className="panel flex flex-col gap-4 p-4">
        <p className="flex items-center gap-2">
          <Badge tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Badge>
          {application.reason && <bdi>{application.reason}</bdi>}
        </p>
        {application.wanted
          .filter(({ field }) => field === null)
          .map(({ message }) => (
            <Warning key={message}>{message}</Warning>
          ))}
        {status === 'draft' && form.introduction && <p>{form.introduction}</p>}
        {form.fields.map(field => {
          const changed = change[field.id]
          return (
            <AnswerField
              key={field.id}
              field={field}
              answer={changed === null ? undefined : (changed ?? application.answers[field.id])}
              problem={problems[`answers.${field.id}`] ?? wantedOf(application, field.id)}
              disabled={!open || (status !== 'draft' && !isFile(field))}
              fileName={application.files.find(one => one.field === field.id)?.name}
              onAnswer={answer => setChange(before => ({ ...before, [field.id]: answer }))}
            />
          )
        })}
        <Problem error={submit.error ?? save.error ?? withdraw.error ?? reopen.error} />
        {open && (
          <p role="status" className="text-13 text-muted">
            {save.isPending ? 'Saving …' : unsaved ? 'Not saved yet' : 'Saved'}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {(open || status === 'submitted' || status === 'under_review') && (
            <Button busy={withdraw.isPending && 'Withdrawing …'} onClick={() => withdraw.mutate({ params })}>
              Withdraw
            </Button>
          )}
          {status === 'withdrawn' && (
            <Button busy={reopen.isPending && 'Opening …'} onClick={() => reopen.mutate({ params })}>
              Go on with it
            </Button>
          )}
          {open && (
            <Button tone="primary" busy={submit.isPending && 'Sending …'} onClick={() => void send().catch(() => {})}>
              {status === 'draft' ? 'Submit' : 'Hand in'}
            </Button>
          )}
        </div>
      </div>
      {application.entries.length > 0 && (
        <section className="panel p-4">
          <h2 className="mb-3 font-strong">What happened</h2>
          <Entries entries={application.entries} />
        </section>
      )}
    </div>
  )
}

/** What is asked for at this field. */
function wantedOf({ wanted, status }: MyApplication, fieldId: string): string | undefined {
  return status === 'requires_documents' ? wanted.find(({ field }) => field === fieldId)?.message : undefined
}

/** What was typed after it was sent stays. */
function without(later: Change, sent: Change): Change {
  return Object.fromEntries(Object.entries(later).filter(([name, answer]) => sent[name] !== answer))
}
