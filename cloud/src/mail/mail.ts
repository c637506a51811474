import { randomUUIDv7 } from 'node:crypto'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Tx } from '../db/tables.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Letter, Place } from './templates/template.ts'
import { TEMPLATES, type TemplateName, type ValuesOf } from './templates.ts'
import { oneLine, write } from './write.ts'

export type NewMail<Name extends TemplateName> = {
  /** The transaction must be in it. Null: the installation's own. */
  readonly schoolId: string | null
  readonly to: string | { readonly address: string; readonly name: string }
  /** Null: the school's. */
  readonly language: Language | null
  readonly template: Name
  readonly values: ValuesOf<Name>
}

/**
 * Writes a mail; it leaves after the transaction commits, or not at all. Answers its id. Where there is no mail server
 * the dashboard's outbox shows it.
 */
export async function sendMail<Name extends TemplateName>(
  tx: Tx,
  jobs: Pick<Jobs, 'add' | 'nowMs'>,
  { schoolId, to, language, template, values }: NewMail<Name>,
): Promise<string> {
  const school = await schoolOf(tx, schoolId)
  const spoken = language ?? school?.language ?? 'en'
  const { address, name } = typeof to === 'string' ? { address: to, name: null } : to
  const place: Place = { school: school?.name ?? null, when: whenIn(spoken, school?.time_zone ?? 'UTC') }
  const letter = (TEMPLATES[template][spoken] as (values: ValuesOf<Name>, place: Place) => Letter)(values, place)
  const { subject, ...body } = write(letter, { language: spoken, name, school: place.school })

  const id = randomUUIDv7()
  await tx
    .insertInto('mails')
    .values({
      id,
      school_id: schoolId,
      template,
      language: spoken,
      to_address: oneLine(address),
      to_name: name === null ? null : oneLine(name),
      subject,
      body: JSON.stringify(body),
      state: 'waiting',
      made_at: new Date(jobs.nowMs()),
    })
    .execute()
  const jobId = await jobs.add(tx, { kind: 'mail', schoolId, body: { mailId: id }, title: `Mail: ${subject}` })
  await tx.updateTable('mails').set({ job_id: jobId }).where('id', '=', id).execute()
  return id
}

export type MailToUser = {
  readonly [Name in TemplateName]: Omit<NewMail<Name>, 'to' | 'language'> & {
    readonly userId: string
    readonly to: string
  }
}[TemplateName]

/** To somebody with an account: by their name and in their language. */
export async function sendMailToUser(
  tx: Tx,
  jobs: Pick<Jobs, 'add' | 'nowMs'>,
  { userId, ...mail }: MailToUser,
): Promise<string> {
  const user = await tx
    .selectFrom('users')
    .select(['display_name', 'language'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  const to = { address: mail.to, name: user.display_name }
  return sendMail(tx, jobs, { ...mail, to, language: user.language } as NewMail<TemplateName>)
}

async function schoolOf(tx: Tx, schoolId: string | null) {
  if (schoolId === null) return undefined
  return tx
    .selectFrom('schools')
    .select(['name', 'time_zone', 'language'])
    .where('id', '=', schoolId)
    .executeTakeFirstOrThrow()
}

/** Making one costs as much as sealing a letter; there are as many as time zones and languages. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const locale = language === 'nl' ? 'nl-NL' : 'en-GB'
  const made = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone })
  formats.set(key, made)
  return made
}

export function whenIn(language: Language, timeZone: string): (iso: string) => string {
  const format = formatOf(language, timeZone)
  return iso => {
    const at = new Date(iso)
    return Number.isNaN(at.getTime()) ? iso : format.format(at)
  }
}
