import { fail } from '@gatehouse/shared/result.ts'
import { saveMyApplication as saveRoute } from '@gatehouse/shared/wire/api/applications.ts'
import { formOfVersion } from '../../applications/forms.repo.ts'
import {
  type Applicant,
  applicantOf,
  beginApplication,
  saveAnswers,
  submit,
  turnOwn,
} from '../../applications/my-applications.repo.ts'
import { mistaken, PROBLEMS } from '../../applications/problems.ts'
import { findOfStudent } from '../../applications/queue.repo.ts'
import type { Tx } from '../../db/tables.ts'
import { answersGiven } from '../answers-shown.ts'
import { applicationShown } from '../applications-shown.ts'
import type { Call } from '../call.ts'
import { checked } from '../checked.ts'
import { refused } from '../refusal.ts'
import { idOfApplication } from './applications.ts'
import { asks } from './builder.ts'
import type { Writing } from './refs.ts'

type Turned =
  | { readonly ok: true; readonly value: { readonly id: string } }
  | { readonly ok: false; readonly failure: keyof typeof PROBLEMS }
  | { readonly mistakes: Parameters<typeof mistaken>[0] }

/** What applicants do with applications of their own. */
export function writeMyApplications({ builder, refs }: Writing): void {
  const AnswerInput = writeAnswerInput(builder)
  const mine = (call: Call, work: (tx: Tx, applicant: Applicant) => Promise<Turned>) =>
    call.change(async tx => {
      const applicant = await applicantOf(tx, call.who.userId)
      if (applicant === undefined) return refused(PROBLEMS.no_student)
      const done = await work(tx, applicant)
      if ('mistakes' in done) return refused(mistaken(done.mistakes))
      if (!done.ok) return refused(PROBLEMS[done.failure])
      const row = await findOfStudent(tx, { applicationId: done.value.id, studentId: applicant.id })
      return applicationShown(call.who, row!, call.needs.nowMs())
    })
  builder.mutationFields(t => ({
    beginApplication: t.field({
      type: refs.Application,
      description: 'Begin an application of one’s own. One at a time is open.',
      ...asks(['my:apply']),
      resolve: (_root, _args, call) => mine(call, (tx, applicant) => beginApplication(tx, call.actor(), applicant)),
    }),
    saveApplication: t.field({
      type: refs.Application,
      description: 'Save answers of a draft, or documents that were asked for. Only what is named changes.',
      args: {
        id: t.arg.id({ required: true }),
        answers: t.arg({ type: [AnswerInput], required: true }),
        version: t.arg.int(),
      },
      ...asks(['my:apply']),
      resolve: (_root, { id: text, answers, version }, call) => {
        const id = idOfApplication(text)
        return mine(call, async (tx, applicant) => {
          const row = await findOfStudent(tx, { applicationId: id, studentId: applicant.id })
          if (row === undefined) return fail('no_such_application')
          const written = answersGiven(await formOfVersion(tx, row.form_version), answers)
          const { answers: change } = checked(saveRoute.body!, { answers: written })
          const asked = { id, change, ifVersion: version ?? null }
          return saveAnswers(tx, call.needs.vault, call.actor(), applicant, asked)
        })
      },
    }),
    submitApplication: t.field({
      type: refs.Application,
      description: 'Submit a draft of one’s own, or hand in what was asked for.',
      args: { id: t.arg.id({ required: true }), version: t.arg.int() },
      ...asks(['my:apply']),
      resolve: (_root, { id: text, version }, call) => {
        const asked = { id: idOfApplication(text), ifVersion: version ?? null }
        return mine(call, (tx, applicant) => submit(tx, call.needs, call.actor(), applicant, asked))
      },
    }),
    ...Object.fromEntries(
      (['withdraw', 'reopen'] as const).map(event => [
        `${event}Application`,
        t.field({
          type: refs.Application,
          description: event === 'withdraw' ? 'Withdraw one’s own.' : 'Go on with one’s own that was withdrawn.',
          args: { id: t.arg.id({ required: true }), version: t.arg.int() },
          ...asks(['my:apply']),
          resolve: (_root, { id: text, version }, call) => {
            const asked = { id: idOfApplication(text), event, ifVersion: version ?? null }
            return mine(call, (tx, applicant) => turnOwn(tx, call.actor(), applicant, asked))
          },
        }),
      ]),
    ),
  }))
}

function writeAnswerInput(builder: Writing['builder']) {
  return builder.inputType('AnswerInput', {
    description: 'An answer to a field of the form. With none of value, values and fileId the answer is taken away.',
    fields: t => ({
      field: t.string({ required: true }),
      value: t.string({ description: 'As in Answer: a number or a date as text, yes_no as true or false.' }),
      values: t.stringList({ description: 'Of many.' }),
      fileId: t.id({ description: 'Of document and photo: the id of a file that was handed in.' }),
      expiresOn: t.field({ type: 'Date', description: 'With fileId: until when the document is valid.' }),
    }),
  })
}
