import type { Db } from '../db/tables.ts'
import type { Guarded } from '../http/breaker.ts'
import { guardedAsk } from '../http/guarded-request.ts'
import type { JobHandlers } from '../jobs/handler.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Vault } from '../keys/vault.ts'
import { writeDailyMail } from './daily-mail.ts'
import { ANSWER_CHARACTERS_MAX } from './deliveries.repo.ts'
import { deliverPush } from './push.ts'
import { openPushKeys } from './push-keys.ts'
import { SEND_MS_MAX } from './send-out.ts'
import { deliverSms, type SmsAccount } from './sms.ts'
import { deliverWebhook } from './webhook.ts'

export type SendingNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Pick<Jobs, 'add' | 'nowMs'>
  readonly guarded: Guarded
  readonly publicUrl: string
  readonly privateWebhooks: boolean
  readonly sms: SmsAccount | null
  readonly smtp: { readonly from: string } | null
  readonly nowMs: () => number
  /** How long an answer is waited for. */
  readonly answerMsMax?: number
}

/** The jobs that bring notifications to people and programs outside. */
export function sendingHandlers(needs: SendingNeeds) {
  const { db, vault, publicUrl, privateWebhooks, answerMsMax = SEND_MS_MAX } = needs
  // Browsers and schools name these addresses.
  const named = guardedAsk({
    allowPrivate: privateWebhooks,
    allowedWith: PRIVATE_ALLOWED_WITH,
    answerMsMax,
    cutAtBytes: ANSWER_CHARACTERS_MAX,
  })
  const provider = guardedAsk({ allowPrivate: true, answerMsMax })
  return {
    push: deliverPush({ ...needs, keys: openPushKeys(db, vault), ask: named, contact: contactOf(needs) }),
    sms: deliverSms({ ...needs, account: needs.sms, ask: provider }),
    webhook: deliverWebhook({ ...needs, ask: named }),
    daily_mail: writeDailyMail({ db, jobs: needs.jobs, publicUrl }),
  } satisfies JobHandlers
}

export const PRIVATE_ALLOWED_WITH = 'GATEHOUSE_PRIVATE_WEBHOOKS=1'

/** Push services take an https address or a mail address, and no other. */
function contactOf({ publicUrl, smtp }: SendingNeeds): string {
  if (publicUrl.startsWith('https:')) return publicUrl
  const address = smtp?.from.replace(/^.*<|>.*$/g, '').trim() ?? 'gatehouse@localhost'
  return `mailto:${address}`
}
