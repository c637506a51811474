import type { Answer, Answers, FileAnswer } from '@gatehouse/shared/applications/answers.ts'
import { type FormContent, isFile, isPersonal } from '@gatehouse/shared/applications/form.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'

type Fields = Pick<FormContent, 'fields'>
type Kept = Pick<Row<'applications'>, 'id' | 'school_id' | 'answers' | 'sealed_answers'>

const placeOf = (row: string) => ({ table: 'applications', column: 'sealed_answers', row })

/** The columns of an application's answers: what is personal is sealed. */
export async function answerColumns(
  tx: Tx,
  vault: Vault,
  { id, schoolId }: { readonly id: string; readonly schoolId: string },
  { fields }: Fields,
  answers: Answers,
): Promise<{ answers: string; sealed_answers: string | null }> {
  const personal = new Set(fields.filter(isPersonal).map(field => field.id))
  const part = (wanted: boolean) =>
    Object.fromEntries(Object.entries(answers).filter(([name]) => personal.has(name) === wanted))
  const sealed = part(true)
  return {
    answers: JSON.stringify(part(false)),
    sealed_answers:
      Object.keys(sealed).length === 0
        ? null
        : (await sealingOf(tx, vault, schoolId)).seal(placeOf(id), Buffer.from(JSON.stringify(sealed))),
  }
}

export async function openAnswers(tx: Tx, vault: Vault, row: Kept): Promise<Answers> {
  return (await openAnswersOf(tx, vault, [row]))[0]!
}

/** Of rows of one school, of each in turn. */
export async function openAnswersOf(tx: Tx, vault: Vault, rows: readonly Kept[]): Promise<Answers[]> {
  const sealed = rows.find(row => row.sealed_answers !== null)
  if (sealed === undefined) return rows.map(({ answers }) => answers)
  const all = rows.map(row => row.sealed_answers)
  const opening = await openingOf(tx, vault, sealed.school_id, all)
  return rows.map(({ id, answers, sealed_answers }) =>
    sealed_answers === null
      ? answers
      : { ...answers, ...JSON.parse(opening.open(placeOf(id), sealed_answers).toString()) },
  )
}

/**
 * What a reader sees: identity numbers by their last two characters, also the applicant; what else is personal only who
 * may read it. `masked` names the fields of which something is left out.
 */
export function shownAnswers(
  { fields }: Fields,
  answers: Answers,
  { personal }: { readonly personal: boolean },
): { answers: Answers; masked: string[] } {
  const masked: string[] = []
  const shown: Record<string, Answer> = {}
  for (const field of fields) {
    const answer = answers[field.id]
    if (answer === undefined) continue
    if (field.identity) shown[field.id] = `…${String(answer).slice(-2)}`
    else if (!isPersonal(field) || personal) shown[field.id] = answer
    if (shown[field.id] !== answer) masked.push(field.id)
  }
  return { answers: shown, masked }
}

/** The files that answers name, by field. */
export function filesIn({ fields }: Fields, answers: Answers): { field: string; file: FileAnswer }[] {
  return fields
    .filter(isFile)
    .filter(({ id }) => answers[id] !== undefined)
    .map(({ id }) => ({ field: id, file: answers[id] as FileAnswer }))
}
