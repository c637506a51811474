import { createHmac } from 'node:crypto'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import type { Ask } from '../http/guarded-request.ts'
import type { Vault } from '../keys/vault.ts'
import { deliver, type Sending } from './attempt-delivery.ts'
import type { Tried } from './deliveries.repo.ts'
import { notify } from './notify.ts'
import { isTried, sendOut, triedOf } from './send-out.ts'
import { secretPlace, type WebhookRow } from './webhooks.repo.ts'

export type WebhookNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly guarded: Guarded
  readonly ask: Ask
  readonly nowMs: () => number
}

/** After so long without one that arrived, a web hook is switched off. */
const OFF_AFTER_MS = 5 * 86_400_000

/** The job that tells a program outside what happened, signed as https://www.standardwebhooks.com says. */
export const deliverWebhook = (needs: WebhookNeeds) =>
  deliver<'webhook'>(needs, async sending => {
    const found = await inSchool(needs.db, sending.schoolId, tx => hookOf(tx, sending.delivery.webhook_id!))
    if (found === undefined || found.hook.state !== 'active') return notNow(found?.hook)
    const tried = await tell(needs, sending, found)
    await inSchool(needs.db, sending.schoolId, tx => noteHealth(tx, found.hook, tried, needs.nowMs()))
    return tried
  })

const notNow = (hook: WebhookRow | undefined): Tried => ({
  outcome: 'failed',
  status: null,
  tookMs: null,
  words: `The web hook is ${hook?.state ?? 'gone'}; nothing was sent.`,
})

async function hookOf(tx: Tx, webhookId: string): Promise<{ hook: WebhookRow; tenant: string } | undefined> {
  const hook = await tx.selectFrom('webhooks').selectAll().where('id', '=', webhookId).executeTakeFirst()
  if (hook === undefined) return undefined
  const { tenant } = await tx.selectFrom('schools').select('tenant').executeTakeFirstOrThrow()
  return { hook, tenant }
}

async function tell(
  { vault, guarded, ask, nowMs }: WebhookNeeds,
  { delivery: { id, body }, signal }: Sending,
  { hook, tenant }: { hook: WebhookRow; tenant: string },
): Promise<Tried> {
  const key = vault.open(secretPlace(tenant, hook.id), hook.sealed_secret)
  const timestamp = String(Math.floor(nowMs() / 1000))
  const url = new URL(hook.url)
  const came = await sendOut({ guarded, ask }, `webhook ${url.host}`, url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature(key, id, timestamp, body!),
    },
    body: body!,
    signal,
  })
  if (isTried(came)) return came
  const tried = triedOf(came)
  // Whoever mistypes a path puts it right within days; nothing is given up for that. 410 says that nobody is there any more.
  return tried.outcome === 'failed' && tried.status !== 410 ? { ...tried, outcome: 'again' } : tried
}

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. */
export function signature(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

async function noteHealth(tx: Tx, { id, school_id, url }: WebhookRow, { outcome, status }: Tried, nowMs: number) {
  if (outcome === 'sent') {
    await tx
      .updateTable('webhooks')
      .set({ failing_since: null })
      .where('id', '=', id)
      .where('failing_since', 'is not', null)
      .execute()
    return
  }
  const hook = await tx
    .selectFrom('webhooks')
    .select('failing_since')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (hook === undefined) return
  const since = hook.failing_since ?? new Date(nowMs)
  const isOver = status === 410 || nowMs - since.getTime() >= OFF_AFTER_MS
  await tx
    .updateTable('webhooks')
    .set({ failing_since: since, ...(isOver && { state: 'off' }) })
    .where('id', '=', id)
    .execute()
  if (!isOver) return
  const facts = {
    title: `Web hook to ${new URL(url).host}`,
    error:
      status === 410
        ? 'It answered that it is gone (410).'
        : 'Nothing arrived there for five days. It is switched off.',
  }
  await notify(tx, school_id, { kind: 'job_dead', to: { right: 'webhook:manage' }, facts, path: '/deliveries' })
}
