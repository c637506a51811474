import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { isSecurityKind, type NotificationKind } from '@gatehouse/shared/wire/api/notifications.ts'
import { sql } from 'kysely'
import type { Actor } from '../audit/actor.ts'
import { audit, changes } from '../audit/audit.ts'
import type { Row, Tx } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'

export type WebhookRow = Row<'webhooks'>

const WEBHOOKS_MAX = 20

export function listWebhooks(tx: Tx): Promise<WebhookRow[]> {
  return tx.selectFrom('webhooks').selectAll().orderBy('made_at').orderBy('id').execute()
}

export const secretPlace = (tenant: string, webhookId: string) => ({
  tenant,
  table: 'webhooks',
  column: 'sealed_secret',
  row: webhookId,
})

/** Answers the row and the secret, which nobody is shown again: `whsec_` and 32 bytes in base64. */
export async function createWebhook(
  tx: Tx,
  actor: Actor,
  { vault, tenant }: { readonly vault: Vault; readonly tenant: string },
  { url, kinds }: { readonly url: string; readonly kinds: readonly NotificationKind[] },
): Promise<Result<{ row: WebhookRow; secret: string }, 'too_many'>> {
  const { count } = await tx
    .selectFrom('webhooks')
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow()
  if (count >= WEBHOOKS_MAX) return fail('too_many')
  const id = randomUUIDv7()
  const key = randomBytes(32)
  const row = await tx
    .insertInto('webhooks')
    .values({
      id,
      school_id: actor.schoolId,
      url,
      kinds: [...new Set(kinds)],
      sealed_secret: vault.seal(secretPlace(tenant, id), key),
      state: 'active',
      made_at: new Date(actor.nowMs),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await audit(tx, actor, { action: 'webhook.create', subject: { kind: 'webhook', id }, after: factsOf(row) })
  return ok({ row, secret: `whsec_${key.toString('base64')}` })
}

/** A hook that goes on is taken to work until it fails again. */
export async function updateWebhook(
  tx: Tx,
  actor: Actor,
  webhookId: string,
  change: Partial<Pick<WebhookRow, 'url' | 'kinds' | 'state'>>,
): Promise<Result<WebhookRow, 'no_such_webhook'>> {
  const before = await tx.selectFrom('webhooks').selectAll().where('id', '=', webhookId).forUpdate().executeTakeFirst()
  if (before === undefined) return fail('no_such_webhook')
  const after = await tx
    .updateTable('webhooks')
    .set({ ...change, ...(change.state === 'active' && { failing_since: null }) })
    .where('id', '=', webhookId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const subject = { kind: 'webhook', id: webhookId }
  await audit(tx, actor, { action: 'webhook.update', subject, ...changes(factsOf(before), factsOf(after)) })
  return ok(after)
}

export async function deleteWebhook(tx: Tx, actor: Actor, webhookId: string): Promise<Result<null, 'no_such_webhook'>> {
  const gone = await tx.deleteFrom('webhooks').where('id', '=', webhookId).returningAll().executeTakeFirst()
  if (gone === undefined) return fail('no_such_webhook')
  const subject = { kind: 'webhook', id: webhookId }
  await audit(tx, actor, { action: 'webhook.delete', subject, before: factsOf(gone) })
  return ok(null)
}

/** What is in the address after the host may be a password of the receiver's. */
const factsOf = ({ url, kinds, state }: WebhookRow) => ({ host: new URL(url).host, kinds, state })

/** Writes what each web hook that wants this kind is to be sent. Answers the deliveries' ids. */
export async function enterForWebhooks(
  tx: Tx,
  schoolId: string,
  {
    kind,
    facts,
    path,
    studentId,
  }: {
    readonly kind: NotificationKind
    readonly facts: Readonly<Record<string, string>>
    readonly path: string
    readonly studentId: string | null
  },
): Promise<string[]> {
  if (isSecurityKind(kind)) return []
  const hooks = await tx
    .selectFrom('webhooks')
    .select('id')
    .where('state', '=', 'active')
    .where(sql<boolean>`kinds @> array[${kind}]::text[]`)
    .execute()
  if (hooks.length === 0) return []
  const body = JSON.stringify({ type: kind, timestamp: new Date().toISOString(), data: { ...facts, path, studentId } })
  const rows = hooks.map(({ id }) => ({
    id: randomUUIDv7(),
    school_id: schoolId,
    channel: 'webhook' as const,
    kind,
    notification_id: null,
    user_id: null,
    student_id: studentId,
    webhook_id: id,
    body,
    state: 'waiting' as const,
  }))
  await tx.insertInto('deliveries').values(rows).execute()
  return rows.map(({ id }) => id)
}
