import { listOutbox, type Mail } from '@gatehouse/shared/wire/api/mail.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Binder } from '../http/bind.ts'
import { pagination } from '../http/page.ts'
import { listMails, type MailRow } from './mails.repo.ts'

export function outboxRoutes(routes: Binder, { db }: { readonly db: Db }): void {
  routes.inSchool(listOutbox, async ({ query, who }) => {
    const { rows, total } = await inSchool(db, who.school.id, tx => listMails(tx, query))
    return { data: rows.map(mailOf), pagination: pagination(query, total) }
  })
}

function mailOf(row: MailRow): Mail {
  return {
    id: row.id,
    template: row.template,
    language: row.language,
    to: row.to_address,
    subject: row.subject,
    state: row.state,
    answer: row.answer,
    madeAt: row.made_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    text: row.state === 'kept' ? (row.body?.text ?? null) : null,
  }
}
