import type { DeliveryChannel, DeliveryState } from '@gatehouse/shared/wire/api/deliveries.ts'
import type { WebhookState } from '@gatehouse/shared/wire/api/webhooks.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const CHANNEL_WORDS: Record<DeliveryChannel, string> = {
  email: 'E-mail',
  push: 'Push',
  sms: 'Text message',
  webhook: 'Web hook',
}
export const STATE_WORDS: Record<DeliveryState, string> = {
  waiting: 'Waiting',
  daily: 'For the daily mail',
  sent: 'Sent',
  delivered: 'Arrived',
  failed: 'Failed',
  dropped: 'No way to them',
  kept: 'Kept here',
}
export const STATE_TONES: Record<DeliveryState, BadgeTone> = {
  waiting: 'quiet',
  daily: 'quiet',
  sent: 'granted',
  delivered: 'granted',
  failed: 'refused',
  dropped: 'warning',
  kept: 'warning',
}
export const HOOK_WORDS: Record<WebhookState, string> = { active: 'Active', paused: 'Paused', off: 'Switched off' }
export const HOOK_TONES: Record<WebhookState, BadgeTone> = { active: 'granted', paused: 'quiet', off: 'refused' }
