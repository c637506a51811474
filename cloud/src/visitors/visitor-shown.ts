import {
  CONTACT_FIELDS,
  VISITS_SHOWN_MAX,
  type Visit,
  type Visitor,
  type VisitorInFull,
} from '@gatehouse/shared/wire/api/visitors.ts'
import type { Tx } from '../db/tables.ts'
import { readsPersonal, type SchoolPerson } from '../http/bind.ts'
import { openingOf } from '../keys/data-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { opensUntil } from '../passes/passes.repo.ts'
import { timeZoneOf } from '../schools/time-zone.ts'
import { type Contact, maskContact, NO_CONTACT, openContact } from './contact.ts'
import { stateOf, type VisitorRow, type VisitRow, visitsOf } from './visitors-list.repo.ts'

type Showing = { readonly vault: Vault; readonly who: SchoolPerson; readonly nowMs: number }

/** Rows as this caller may see them. Security reads who is expected by whom, and nothing is opened for it. */
export async function visitorsShown(
  tx: Tx,
  { vault, who, nowMs }: Showing,
  rows: readonly VisitorRow[],
): Promise<Visitor[]> {
  const contacts = await contactsOf(tx, { vault, who }, rows)
  const timeZone = await timeZoneOf(tx, who.school.id)
  const visits = new Map(
    (await visitsOf(tx, { passIds: rows.flatMap(row => row.visit_pass ?? []) })).map(row => [
      row.pass_id,
      visitOf(row, timeZone, nowMs),
    ]),
  )
  const masked = readsPersonal(who) ? [] : [...CONTACT_FIELDS]
  return rows.map(row => ({
    id: row.id,
    firstName: row.first_name,
    lastName: row.last_name,
    organisation: row.organisation,
    ...contacts(row),
    masked,
    host: { userId: row.host_user_id, name: row.host_name ?? '', active: row.host_active === true },
    purpose: row.purpose,
    visit: visits.get(row.visit_pass ?? '') ?? null,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }))
}

export async function visitorInFull(tx: Tx, showing: Showing, row: VisitorRow): Promise<VisitorInFull> {
  const [visitor] = await visitorsShown(tx, showing, [row])
  const visits = await visitsShown(tx, showing, [row.id], VISITS_SHOWN_MAX)
  return { ...visitor!, visits: visits.get(row.id) ?? [] }
}

/** The last visits of each of these, newest first. */
export async function visitsShown(
  tx: Tx,
  { who, nowMs }: Showing,
  visitorIds: readonly string[],
  ofEach: number,
): Promise<ReadonlyMap<string, Visit[]>> {
  const timeZone = await timeZoneOf(tx, who.school.id)
  const rows = Map.groupBy(await visitsOf(tx, { visitorIds, ofEach }), row => row.visitor_id!)
  return new Map([...rows].map(([id, visits]) => [id, visits.map(visit => visitOf(visit, timeZone, nowMs))]))
}

async function contactsOf(
  tx: Tx,
  { vault, who }: Omit<Showing, 'nowMs'>,
  rows: readonly VisitorRow[],
): Promise<(row: VisitorRow) => Contact> {
  if (who.role === 'security') return () => NO_CONTACT
  const sealed = rows.map(row => row.sealed_contact)
  const opening = await openingOf(tx, vault, who.school.id, sealed)
  return row => {
    const contact = openContact(opening, row.id, row.sealed_contact)
    return readsPersonal(who) ? contact : maskContact(contact)
  }
}

function visitOf(row: VisitRow, timeZone: string, nowMs: number): Visit {
  return {
    passId: row.pass_id,
    serial: Number(row.serial),
    state: stateOf(row, timeZone, nowMs),
    status: row.status,
    from: row.not_before.toISOString(),
    until: opensUntil(row).toISOString(),
    escort: row.escort,
    arrivedAt: row.arrived_at?.toISOString() ?? null,
    leftAt: row.left_at?.toISOString() ?? null,
    endedAt: row.revoked_at?.toISOString() ?? null,
  }
}
