import {
  createWebhook as createRoute,
  deleteWebhook as deleteRoute,
  listWebhooks as listRoute,
  updateWebhook as updateRoute,
  type Webhook,
} from '@gatehouse/shared/wire/api/webhooks.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import type { Detail, Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { objectionToAddress } from './allowed-address.ts'
import { createWebhook, deleteWebhook, listWebhooks, updateWebhook, type WebhookRow } from './webhooks.repo.ts'

const PROBLEMS = {
  no_such_webhook: { status: 404, code: 'not_found', message: 'There is no web hook with that id.' },
  too_many: {
    status: 409,
    code: 'too_many',
    message: 'A school has at most 20 web hooks. Delete one that nobody needs any more.',
  },
} satisfies Record<string, Problem>

export function webhooksRoutes(
  routes: Binder,
  {
    db,
    vault,
    allowPrivate,
    nowMs,
  }: { readonly db: Db; readonly vault: Vault; readonly allowPrivate: boolean; readonly nowMs: () => number },
): void {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: (await listWebhooks(tx)).map(webhookOf) })),
  )

  routes.inSchool(createRoute, async ({ body, who }) => {
    const objection = objectionToAddress('url', body.url, allowPrivate)
    if (objection !== null) return { problem: badAddress(objection) }
    const place = { vault, tenant: who.school.tenant }
    const made = await inSchool(db, who.school.id, tx => createWebhook(tx, actorOf(who, nowMs()), place, body))
    if (!made.ok) return { problem: PROBLEMS[made.failure] }
    return { data: { webhook: webhookOf(made.value.row), secret: made.value.secret } }
  })

  routes.inSchool(updateRoute, async ({ params: { webhookId }, body, who }) => {
    const objection = body.url === undefined ? null : objectionToAddress('url', body.url, allowPrivate)
    if (objection !== null) return { problem: badAddress(objection) }
    const { url, kinds, state } = body
    const change = { ...(url && { url }), ...(kinds && { kinds: [...new Set(kinds)] }), ...(state && { state }) }
    const changed = await inSchool(db, who.school.id, tx => updateWebhook(tx, actorOf(who, nowMs()), webhookId, change))
    return changed.ok ? { data: webhookOf(changed.value) } : { problem: PROBLEMS[changed.failure] }
  })

  routes.inSchool(deleteRoute, async ({ params: { webhookId }, who }) => {
    const gone = await inSchool(db, who.school.id, tx => deleteWebhook(tx, actorOf(who, nowMs()), webhookId))
    return gone.ok ? { data: { id: webhookId } } : { problem: PROBLEMS[gone.failure] }
  })
}

const badAddress = (detail: Detail): Problem => ({
  status: 422,
  code: 'validation_failed',
  message: 'Nothing can be sent to this address.',
  details: [detail],
})

function webhookOf({ id, url, kinds, state, failing_since, made_at }: WebhookRow): Webhook {
  return {
    id,
    url,
    kinds,
    state,
    failingSince: failing_since?.toISOString() ?? null,
    madeAt: made_at.toISOString(),
  }
}
