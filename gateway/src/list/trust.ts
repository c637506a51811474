import { createPublicKey, type KeyObject } from 'node:crypto'
import type { TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'

/** The school's public keys, ready for use. */
export type Trust = {
  /** The key of that id, if it may sign for that use. */
  find(use: TrustedKey['use'], kid: string): KeyObject | null
}

export function trustIn(keys: readonly TrustedKey[]): Trust {
  const byUse = new Map(
    keys.map(({ use, kid, jwk }) => [`${use} ${kid}`, createPublicKey({ key: jwk, format: 'jwk' })]),
  )
  return { find: (use, kid) => byUse.get(`${use} ${kid}`) ?? null }
}
