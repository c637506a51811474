import type { Technology } from '@gatehouse/shared/list/card.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { BadgeTone } from '../ui/badge.tsx'

export const PASS_STATUSES = ['active', 'suspended', 'revoked', 'lost', 'expired'] as const
export type PassStatus = (typeof PASS_STATUSES)[number]

export const PASS_STATUS_WORDS: Record<PassStatus, string> = {
  active: 'Active',
  suspended: 'Suspended',
  revoked: 'Revoked',
  lost: 'Lost',
  expired: 'Expired',
}

export const PASS_STATUS_TONES: Record<PassStatus, BadgeTone> = {
  active: 'granted',
  suspended: 'warning',
  revoked: 'refused',
  lost: 'refused',
  expired: 'quiet',
}

/** Expired is seen, not stored: a suspended pass whose time is over is said to be suspended. */
export function statusOf({ status, expired }: Pick<Pass, 'status' | 'expired'>): PassStatus {
  return status === 'active' && expired ? 'expired' : status
}

export const TECHNOLOGY_WORDS: Record<Technology, string> = {
  em4100: '125 kHz card (EM4100)',
  iso14443a: 'MIFARE, DESFire (ISO 14443 A)',
  iso15693: 'ISO 15693',
  h10301: 'Wiegand 26 (H10301)',
  d10202: 'Wiegand 33 (D10202)',
  h10306: 'Wiegand 34 (H10306)',
  c1k35s: 'Wiegand 35 (Corporate 1000)',
  h10302: 'Wiegand 37 (H10302)',
  h10304: 'Wiegand 37 (H10304)',
  c1k48s: 'Wiegand 48 (Corporate 1000)',
  raw: 'Raw bits',
  pin: 'PIN',
  plate: 'Number plate',
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
