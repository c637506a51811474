import { timingSafeEqual } from 'node:crypto'
import { FILE_VARIANTS, type FileLink, type FileVariant, LINK_MINUTES } from '@gatehouse/shared/wire/api/files.ts'
import type { Vault } from '../keys/vault.ts'

/** What a link opens, and until when. */
export type Linked = {
  readonly schoolId: string
  readonly fileId: string
  readonly variant: FileVariant
  readonly expiresMs: number
}

/** An address that opens one variant of one file for five minutes: everything in it is sealed by a key of the service. */
export function linkTo(vault: Vault, file: Omit<Linked, 'expiresMs'>, nowMs: number): FileLink {
  const expiresMs = (Math.floor(nowMs / 1000) + LINK_MINUTES * 60) * 1000
  const linked = { ...file, expiresMs }
  const { schoolId, fileId, variant } = linked
  const told = [schoolId, fileId, variant, expiresMs / 1000, sealOf(vault, linked)].join('.')
  return { path: `/api/v1/files/blob/${told}`, expiresAt: new Date(expiresMs).toISOString() }
}

const LINK = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.([a-z]{1,20})\.(\d{1,12})\.([0-9a-f]{64})$/

/** Null: it was not made here, was changed since, or its time is over. */
export function readLink(vault: Vault, link: string, nowMs: number): Linked | null {
  const [, schoolId, fileId, word, expiresS, seal] = LINK.exec(link) ?? []
  const variant = FILE_VARIANTS.find(one => one === word)
  if (schoolId === undefined || fileId === undefined || seal === undefined || variant === undefined) return null
  const linked = { schoolId, fileId, variant, expiresMs: Number(expiresS) * 1000 }
  if (!timingSafeEqual(Buffer.from(seal, 'hex'), Buffer.from(sealOf(vault, linked), 'hex'))) return null
  return nowMs < linked.expiresMs ? linked : null
}

/** A keyed hash of the vault is an HMAC: with a place of its own it is no other hash of it. */
function sealOf(vault: Vault, { schoolId, fileId, variant, expiresMs }: Linked): string {
  const place = { tenant: schoolId, table: 'files', column: 'link' }
  return vault.blindIndex(place, Buffer.from(JSON.stringify([fileId, variant, expiresMs])))
}
