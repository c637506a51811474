import { randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import type { ImportSource } from '@gatehouse/shared/wire/api/import-sources.ts'
import type { Stop } from '@gatehouse/shared/wire/api/imports.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'

export const SOURCES_MAX = 10

export type SourceFields = {
  readonly name: string
  readonly oneroster: '1.1' | '1.2'
  readonly baseUrl: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly mapping: Mapping
  readonly stop: Stop
  readonly dailyAt: string | null
  readonly applyAlone: boolean
}

type Refused = 'name_taken' | 'too_many_sources'
type Sealed = { readonly vault: Vault; readonly tenant: string }

export function listSources(tx: Tx): Promise<Row<'import_sources'>[]> {
  return tx.selectFrom('import_sources').selectAll().orderBy(sql`lower(name)`).execute()
}

export function findSource(tx: Tx, sourceId: string): Promise<Row<'import_sources'> | undefined> {
  return tx.selectFrom('import_sources').selectAll().where('id', '=', sourceId).executeTakeFirst()
}

export async function createSource(
  tx: Tx,
  actor: Actor,
  sealed: Sealed,
  fields: SourceFields,
): Promise<Result<Row<'import_sources'>, Refused>> {
  if ((await listSources(tx)).length >= SOURCES_MAX) return fail('too_many_sources')
  const id = randomUUIDv7()
  const now = new Date(actor.nowMs)
  const row = await tx
    .insertInto('import_sources')
    .values({ id, school_id: actor.schoolId, ...columnsOf(id, sealed, fields), created_at: now, updated_at: now })
    .onConflict(conflict => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return fail('name_taken')
  await audit(tx, actor, { action: 'import_source.create', subject: subjectOf(id), after: factsOf(row) })
  return ok(row)
}

export async function updateSource(
  tx: Tx,
  actor: Actor,
  sealed: Sealed,
  { sourceId, ifMatch, change }: { sourceId: string; ifMatch: number | null; change: Partial<SourceFields> },
): Promise<Result<Row<'import_sources'>, 'no_such_source' | 'changed_meanwhile' | 'name_taken'>> {
  const before = await tx
    .selectFrom('import_sources')
    .selectAll()
    .where('id', '=', sourceId)
    .forUpdate()
    .executeTakeFirst()
  if (before === undefined) return fail('no_such_source')
  if (ifMatch !== null && ifMatch !== before.version) return fail('changed_meanwhile')
  const other = await tx
    .selectFrom('import_sources')
    .select('id')
    .where(sql<boolean>`lower(name) = lower(${change.name ?? before.name})`)
    .where('id', '!=', sourceId)
    .executeTakeFirst()
  if (other !== undefined) return fail('name_taken')
  const clientSecret = change.clientSecret ?? secretOf(sealed.vault, sealed.tenant, before)
  const { clientSecret: _, ...said } = change
  const fields = { ...fieldsOf(before), ...defined(said), clientSecret }
  const row = await tx
    .updateTable('import_sources')
    .set({ ...columnsOf(sourceId, sealed, fields), version: before.version + 1, updated_at: new Date(actor.nowMs) })
    .where('id', '=', sourceId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const differ = changes(factsOf(before), factsOf(row))
  const after = { ...differ.after, ...(change.clientSecret !== undefined && { clientSecret: 'changed' }) }
  await audit(tx, actor, { action: 'import_source.update', subject: subjectOf(sourceId), before: differ.before, after })
  return ok(row)
}

export async function deleteSource(tx: Tx, actor: Actor, sourceId: string): Promise<Result<null, 'no_such_source'>> {
  const row = await tx.deleteFrom('import_sources').where('id', '=', sourceId).returningAll().executeTakeFirst()
  if (row === undefined) return fail('no_such_source')
  await audit(tx, actor, { action: 'import_source.delete', subject: subjectOf(sourceId), before: factsOf(row) })
  return ok(null)
}

export function secretOf(
  vault: Vault,
  tenant: string,
  row: Pick<Row<'import_sources'>, 'id' | 'sealed_secret'>,
): string {
  return vault.open(placeOf(tenant, row.id), row.sealed_secret).toString()
}

export function sourceOf(row: Row<'import_sources'>): ImportSource {
  const { clientSecret: _, ...fields } = { ...fieldsOf(row), clientSecret: '' }
  return {
    id: row.id,
    ...fields,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** `05:30` as a schedule of every day. */
export function cronOf(dailyAt: string): string {
  const [hour, minute] = dailyAt.split(':').map(Number)
  return `${minute} ${hour} * * *`
}

function dailyOf(cron: string | null): string | null {
  if (cron === null) return null
  const [minute, hour] = cron.split(' ')
  return `${hour!.padStart(2, '0')}:${minute!.padStart(2, '0')}`
}

function fieldsOf(row: Row<'import_sources'>): Omit<SourceFields, 'clientSecret'> {
  return {
    name: row.name,
    oneroster: row.oneroster,
    baseUrl: row.base_url,
    tokenUrl: row.token_url,
    clientId: row.client_id,
    mapping: row.mapping,
    stop: row.stop,
    dailyAt: dailyOf(row.cron),
    applyAlone: row.apply_alone,
  }
}

function columnsOf(id: string, { vault, tenant }: Sealed, fields: SourceFields) {
  return {
    name: fields.name,
    oneroster: fields.oneroster,
    base_url: fields.baseUrl,
    token_url: fields.tokenUrl,
    client_id: fields.clientId,
    sealed_secret: vault.seal(placeOf(tenant, id), Buffer.from(fields.clientSecret)),
    mapping: JSON.stringify(fields.mapping),
    stop: JSON.stringify(fields.stop),
    cron: fields.dailyAt === null ? null : cronOf(fields.dailyAt),
    apply_alone: fields.applyAlone,
  }
}

function factsOf(row: Row<'import_sources'>) {
  const { mapping, stop, ...rest } = fieldsOf(row)
  return { ...rest, columns: { ...mapping.columns }, absent: mapping.absent, stop: { ...stop } }
}

const subjectOf = (id: string) => ({ kind: 'import_source', id })
const placeOf = (tenant: string, row: string) => ({ tenant, table: 'import_sources', column: 'sealed_secret', row })

function defined<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}
