import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { nothingChanged } from '../audit/noted.ts'
import type { Row, Tx } from '../db/tables.ts'
import { openingOf, sealingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { fold } from '../students/fold.ts'
import { readPhone } from '../students/phone.ts'
import { openContact, sealContact } from './contact.ts'
import { mayHost } from './hosts.repo.ts'

/** Everything a school keeps of a visitor. */
export type VisitorFields = {
  readonly firstName: string
  readonly lastName: string
  readonly organisation: string | null
  readonly phone: string | null
  readonly email: string | null
  readonly hostUserId: string
  readonly purpose: string | null
}

export type VisitorRefused = 'phone_unreadable' | 'no_such_host'

/** Enters a visitor without a visit; answers the id. */
export async function enterVisitor(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  asked: VisitorFields,
): Promise<Result<string, VisitorRefused>> {
  const fields = await readFields(tx, actor.schoolId, asked)
  if (!fields.ok) return fields
  const id = randomUUIDv7()
  const now = new Date(actor.nowMs)
  await tx
    .insertInto('visitors')
    .values({
      id,
      school_id: actor.schoolId,
      ...(await columnsOf(tx, vault, actor.schoolId, id, fields.value)),
      created_by: actor.userId,
      created_at: now,
      updated_at: now,
    })
    .execute()
  await audit(tx, actor, { action: 'visitor.create', ...aboutVisitor(id), after: factsOf(fields.value) })
  return ok(id)
}

/** Changes what is known of a visitor. `ifVersion`: only if nobody changed it since. */
export async function updateVisitor(
  tx: Tx,
  vault: Vault,
  actor: Actor,
  visitorId: string,
  change: { readonly [Field in keyof VisitorFields]?: VisitorFields[Field] | undefined },
  ifVersion: number | null = null,
): Promise<Result<null, VisitorRefused | 'no_such_visitor' | 'changed_meanwhile'>> {
  const row = await holdVisitor(tx, visitorId)
  if (row === undefined) return fail('no_such_visitor')
  if (ifVersion !== null && ifVersion !== row.version) return fail('changed_meanwhile')
  const read = await readFields(tx, actor.schoolId, change)
  if (!read.ok) return read
  const before = fieldsOf(row, await openingOf(tx, vault, actor.schoolId, [row.sealed_contact]))
  const asked = Object.entries(read.value).filter(([, value]) => value !== undefined)
  const after = { ...before, ...Object.fromEntries(asked) } as VisitorFields
  const changed = FIELDS.filter(field => before[field] !== after[field])
  if (changed.length === 0) {
    nothingChanged()
    return ok(null)
  }
  await tx
    .updateTable('visitors')
    .set({
      ...(await columnsOf(tx, vault, actor.schoolId, visitorId, after)),
      updated_at: new Date(actor.nowMs),
      version: sql`version + 1`,
    })
    .where('id', '=', visitorId)
    .execute()
  const only = (fields: VisitorFields) =>
    factsOf(Object.fromEntries(changed.map(field => [field, fields[field]])) as Partial<VisitorFields>)
  await audit(tx, actor, {
    action: 'visitor.update',
    ...aboutVisitor(visitorId),
    before: only(before),
    after: only(after),
  })
  return ok(null)
}

/** A visitor who is not forgotten, held until the commit. */
export function holdVisitor(tx: Tx, visitorId: string): Promise<Row<'visitors'> | undefined> {
  return tx
    .selectFrom('visitors')
    .selectAll()
    .where('id', '=', visitorId)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

/** What an audit row of a visitor is about. */
export function aboutVisitor(id: string) {
  return { subject: { kind: 'visitor', id }, studentId: id }
}

const FIELDS = ['firstName', 'lastName', 'organisation', 'phone', 'email', 'hostUserId', 'purpose'] as const

/** What the log says of them: where somebody is reached is named, and not told. */
function factsOf({ phone, email, ...clear }: Partial<VisitorFields>) {
  const hidden = Object.entries({ phone, email }).filter(([, value]) => value !== undefined)
  return {
    ...(clear as Record<string, string | null>),
    ...Object.fromEntries(hidden.map(([field, value]) => [field, value === null ? null : '…'])),
  }
}

async function readFields<Fields extends { phone?: string | null | undefined; hostUserId?: string | undefined }>(
  tx: Tx,
  schoolId: string,
  fields: Fields,
): Promise<Result<Fields, VisitorRefused>> {
  const { phone, hostUserId } = fields
  if (hostUserId !== undefined && !(await mayHost(tx, hostUserId))) return fail('no_such_host')
  if (typeof phone !== 'string') return ok(fields)
  const { country } = await tx
    .selectFrom('schools')
    .select('country')
    .where('id', '=', schoolId)
    .executeTakeFirstOrThrow()
  const read = readPhone(phone, country)
  return read === null ? fail('phone_unreadable') : ok({ ...fields, phone: read })
}

function fieldsOf(row: Row<'visitors'>, opening: Awaited<ReturnType<typeof openingOf>>): VisitorFields {
  return {
    firstName: row.first_name,
    lastName: row.last_name,
    organisation: row.organisation,
    ...openContact(opening, row.id, row.sealed_contact),
    hostUserId: row.host_user_id,
    purpose: row.purpose,
  }
}

async function columnsOf(tx: Tx, vault: Vault, schoolId: string, id: string, fields: VisitorFields) {
  const { firstName, lastName, organisation, hostUserId, purpose } = fields
  return {
    first_name: firstName,
    last_name: lastName,
    organisation,
    sealed_contact: sealContact(await sealingOf(tx, vault, schoolId), id, fields),
    host_user_id: hostUserId,
    purpose,
    search_text: fold([firstName, lastName, organisation ?? ''].join(' ')),
  }
}
