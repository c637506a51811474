import { nameable } from '@gatehouse/shared/applications/answers.ts'
import { DEFAULT_FORM, type Mistake } from '@gatehouse/shared/applications/form.ts'
import {
  type ApplicationForm,
  getApplicationForm,
  putApplicationForm,
} from '@gatehouse/shared/wire/api/applications.ts'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { Field, LongField } from '../ui/field.tsx'
import { Leaving } from '../ui/leaving.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Part } from '../ui/part.tsx'
import { useSay } from '../ui/said.tsx'
import { FieldsPart } from './fields-part.tsx'
import { Preview } from './preview.tsx'
import { contentOf, type Draft, draftOf, mistakeAt, mistakesOf } from './rules.ts'
import { RulesPart } from './rules-part.tsx'

/** What the school asks of who applies for a pass. */
export function ApplicationFormPage() {
  const kept = useAsk(getApplicationForm, {})
  return (
    <Page title="Application form">
      {kept.isPending && (
        <div className="panel">
          <Waiting rows={6} />
        </div>
      )}
      {kept.isError && (
        <div className="panel">
          <Failed error={kept.error} retry={() => void kept.refetch()} />
        </div>
      )}
      {kept.data && (
        <Editor
          kept={kept.data.data}
          readAgain={async () => {
            const { data } = await kept.refetch()
            return data?.data ?? null
          }}
        />
      )}
    </Page>
  )
}

type Changed = { readonly version: number; readonly draft: Draft }

const FACT_WORDS: Readonly<Record<string, string>> = {
  'student.status': 'The student’s status',
  'student.department': 'The student’s department',
  'student.enrolledOn': 'The student’s day of enrolment',
}

function Editor({
  kept,
  readAgain,
}: {
  readonly kept: ApplicationForm
  readonly readAgain: () => Promise<ApplicationForm | null>
}) {
  const mayWrite = useMay('settings:update')
  const [changed, setChanged] = useState<Changed | null>(null)
  /** How often saving was tried with what is here: from the first time on mistakes are shown, and go as they are mended. */
  const [tries, setTries] = useState(0)
  const save = useDo(putApplicationForm)
  const say = useSay()
  const form = useRef<HTMLFormElement>(null)
  const { version: keptVersion, ...keptContent } = kept
  const version = changed?.version ?? keptVersion
  const draft = changed?.draft ?? draftOf(keptContent)
  const { content, rules } = draft
  const names = nameable(content.fields)
  const nameOf = (name: string) => FACT_WORDS[name] ?? content.fields.find(({ id }) => id === name)?.label ?? name
  const failure = save.error ? failureOf(save.error) : null
  const isOvertaken = failure?.kind === 'problem' && failure.problem.code === 'changed_meanwhile'
  const saidWrong = failure === null ? [] : Object.entries(fieldProblems(failure))
  const mistakes: readonly Mistake[] =
    tries === 0 ? [] : [...mistakesOf(draft), ...saidWrong.map(([path, message]) => ({ path, message }))]
  const wrong = (place: string) => mistakeAt(mistakes, place)

  const change = (next: (draft: Draft) => Draft) => {
    if (!isOvertaken) save.reset()
    setChanged(before => ({
      version: before?.version ?? keptVersion,
      draft: next(before?.draft ?? draftOf(keptContent)),
    }))
  }
  const set = (part: Partial<Draft['content']>) =>
    change(before => ({ ...before, content: { ...before.content, ...part } }))

  // The first mistake is where the hand goes on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a try is why, and what the service said of one.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]')?.focus()
  }, [tries, save.error])

  function drop() {
    const before = changed
    setChanged(null)
    setTries(0)
    save.reset()
    if (before !== null) say({ text: 'Changes dropped', undo: () => setChanged(before) })
  }

  async function keepMine() {
    const newest = await readAgain()
    if (newest === null) return
    setChanged({ version: newest.version, draft })
    save.reset()
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setTries(tries + 1)
    if (mistakesOf(draft).length > 0) return
    save.mutate(
      { body: contentOf(draft), ifMatch: version },
      {
        onSuccess: saved => {
          setChanged(null)
          setTries(0)
          say({ text: `Version ${saved.version} of the form saved` })
        },
      },
    )
  }

  const days = (name: 'decideWithinDays' | 'handInWithinDays' | 'remindDaysBefore', label: string, hint: string) => (
    <Field
      label={label}
      type="number"
      min={name === 'remindDaysBefore' ? 0 : 1}
      max={name === 'remindDaysBefore' ? 60 : 365}
      required
      value={Number.isNaN(content[name]) ? '' : content[name]}
      onChange={event => set({ [name]: event.target.valueAsNumber })}
      hint={hint}
      problem={wrong(name)}
    />
  )

  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_400px]">
      <form ref={form} onSubmit={submit} className="panel min-w-0">
        <p className="border-line border-b px-4 py-3 text-muted md:px-6">
          Version {kept.version}.{!mayWrite && ' An administrator of the school can change it.'}
        </p>
        <fieldset disabled={!mayWrite} className="min-w-0">
          <legend className="sr-only">Application form</legend>
          <Part title="What it says" about="Above the questions.">
            <Field
              label="Title"
              dir="auto"
              required
              maxLength={200}
              value={content.title}
              onChange={event => set({ title: event.target.value })}
              problem={wrong('title')}
            />
            <LongField
              label="Introduction (optional)"
              maxLength={5_000}
              value={content.introduction}
              onChange={event => set({ introduction: event.target.value })}
              problem={wrong('introduction')}
            />
          </Part>
          <FieldsPart
            fields={content.fields}
            mistakes={mistakes}
            mayWrite={mayWrite}
            onChange={fields => set({ fields })}
            onTaken={(field, at) =>
              say({
                text: `“${field.label}” taken away`,
                undo: () =>
                  change(({ content: now, ...rest }) => ({
                    ...rest,
                    content: { ...now, fields: now.fields.toSpliced(at, 0, field) },
                  })),
              })
            }
          />
          <RulesPart
            rules={rules}
            names={names}
            nameOf={nameOf}
            mistakes={mistakes}
            mayWrite={mayWrite}
            onChange={next => change(before => ({ ...before, rules: next }))}
            onTaken={(rule, at) =>
              say({
                text: 'Rule taken away',
                undo: () => change(before => ({ ...before, rules: before.rules.toSpliced(at, 0, rule) })),
              })
            }
          />
          <Part title="Deadlines" about="In days. Who has to act is reminded once before each.">
            <div className="grid gap-4 md:grid-cols-3">
              {days('decideWithinDays', 'Decided within', 'After submission')}
              {days('handInWithinDays', 'Documents handed in within', 'Then a reviewer sees to it')}
              {days('remindDaysBefore', 'Reminded before', '0: on the day itself')}
            </div>
          </Part>
          {mayWrite && (
            <div className="p-4 md:p-6">
              <Button
                onClick={() => {
                  const before = draft
                  change(() => draftOf(DEFAULT_FORM))
                  say({ text: 'Begun again; nothing is saved yet', undo: () => change(() => before) })
                }}
              >
                Begin again with the form every school starts with
              </Button>
            </div>
          )}
        </fieldset>
        {changed !== null && (
          <div className="sticky bottom-14 z-20 flex flex-col gap-3 border-line border-t bg-surface p-4 md:bottom-0">
            <Problem error={isOvertaken ? OVERTAKEN : save.error} />
            <div className="flex flex-wrap items-center justify-end gap-2">
              <p role="status" className="mr-auto min-w-0 text-muted">
                {mistakes.length > 0 ? countMistakes(mistakes.length) : 'Not saved yet'}
              </p>
              <Button onClick={drop}>{isOvertaken ? 'See theirs' : 'Drop my changes'}</Button>
              {isOvertaken ? (
                <Button tone="primary" onClick={() => void keepMine()}>
                  Go on with mine
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
      <Preview {...content} />
      <Leaving isChanged={changed !== null} title="Leave without saving?">
        What you changed in the form was not saved. It is lost when you leave.
      </Leaving>
    </div>
  )
}

const OVERTAKEN =
  'Somebody else has saved the form meanwhile. Look at theirs, or go on with yours: saving then puts yours in the place of theirs.'

const countMistakes = (count: number) =>
  count === 1 ? 'One thing is not right yet' : `${count} things are not right yet`
