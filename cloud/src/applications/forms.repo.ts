import { contentMistakes } from '@gatehouse/shared/applications/answers.ts'
import { DEFAULT_FORM, type FormContent, type Mistake } from '@gatehouse/shared/applications/form.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { ApplicationForm } from '@gatehouse/shared/wire/api/applications.ts'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { lockSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'

const FIRST: ApplicationForm = { ...DEFAULT_FORM, version: 1 }

/** The form of today: the school's newest, or the one that every school begins with. */
export async function newestForm(tx: Tx): Promise<ApplicationForm> {
  const row = await tx
    .selectFrom('application_forms')
    .select(['version', 'content'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? FIRST : { ...row.content, version: row.version }
}

export async function formOfVersion(tx: Tx, version: number): Promise<ApplicationForm> {
  return (await formsOfVersions(tx, [version])).get(version)!
}

/** Throws where one is not there: applications refer to them. */
export async function formsOfVersions(
  tx: Tx,
  versions: Iterable<number>,
): Promise<ReadonlyMap<number, ApplicationForm>> {
  const wanted = [...versions]
  const rows = await tx
    .selectFrom('application_forms')
    .select(['version', 'content'])
    .where('version', 'in', wanted)
    .execute()
  if (rows.length < wanted.length) throw new Error(`of the forms ${wanted.join(', ')} some are not there`)
  return new Map(rows.map(({ version, content }) => [version, { ...content, version }]))
}

/** The newest form as a row that an application can refer to: the first one becomes one when it is first needed. */
export async function enterNewestForm(tx: Tx, actor: Actor): Promise<ApplicationForm> {
  const form = await newestForm(tx)
  if (form.version === 1) await enter(tx, { ...actor, userId: null }, form)
  return form
}

/** Writes the next version. Each mistake is named; nothing is written then. */
export async function putForm(
  tx: Tx,
  actor: Actor,
  content: FormContent,
  ifVersion: number | null,
): Promise<Result<ApplicationForm, 'changed_meanwhile'> | { readonly mistakes: readonly Mistake[] }> {
  const mistakes = contentMistakes(content)
  if (mistakes.length > 0) return { mistakes }
  await lockSchool(tx, actor.schoolId)
  const before = await enterNewestForm(tx, actor)
  if (ifVersion !== null && ifVersion !== before.version) return fail('changed_meanwhile')
  const form = { ...content, version: before.version + 1 }
  await enter(tx, actor, form)
  await audit(tx, actor, {
    action: 'application_form.update',
    subject: { kind: 'application_form', id: String(form.version) },
    before: { version: before.version, fields: before.fields.map(({ id }) => id) },
    after: { version: form.version, fields: form.fields.map(({ id }) => id) },
  })
  return ok(form)
}

async function enter(tx: Tx, { schoolId, userId, nowMs }: Actor, { version, ...content }: ApplicationForm) {
  await tx
    .insertInto('application_forms')
    .values({
      school_id: schoolId,
      version,
      content: JSON.stringify(content),
      made_by: userId,
      made_at: new Date(nowMs),
    })
    .onConflict(conflict => conflict.doNothing())
    .execute()
}
