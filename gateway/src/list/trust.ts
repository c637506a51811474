import { createPublicKey, type KeyObject } from 'node:crypto'
import type { TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'

/** The school's public keys, ready for use. */
export type Trust = {
  /** Rises when keys were stolen: lists of an older one are refused. */
  readonly epoch: number
  /** The key of that id, if it may sign for that use. */
  find(use: TrustedKey['use'], kid: string): KeyObject | null
}

/** Of the keys that a gate was told at its enrolment. */
const FIRST_EPOCH = 1

export function trustIn(keys: readonly TrustedKey[]): Trust {
  const byUse = new Map(
    keys.map(({ use, kid, jwk }) => [`${use} ${kid}`, createPublicKey({ key: jwk, format: 'jwk' })]),
  )
  return { epoch: FIRST_EPOCH, find: (use, kid) => byUse.get(`${use} ${kid}`) ?? null }
}
