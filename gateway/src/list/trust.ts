import { createPublicKey, type KeyObject } from 'node:crypto'
import type { TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { maySign } from '@gatehouse/shared/list/trust.ts'
import type { TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'

/** The school's public keys, ready for use. */
export type Trust = {
  /** Rises when keys were stolen: lists of an older one are refused. */
  readonly epoch: number
  /** Rises with each bundle; 0 of a gate that was told no roots. Whoever remembers what a key found good asks it. */
  readonly version: number
  /**
   * The key of that id, if it may sign for that use at that moment: the gate's time for a pass, its own date for a document, null for what
   * has none. A revoked key signs nothing, whatever the date.
   */
  find(use: TrustedKey['use'], kid: string, atS: number | null): KeyObject | null
}

/** Of a gate that was told keys and no roots: it stands alone, or was enrolled by an earlier build. */
const FIRST_EPOCH = 1

/** Keys as they are, with no dates and no bundle that could follow. */
export function trustIn(keys: readonly TrustedKey[]): Trust {
  const byUse = keysByUse(keys)
  return { epoch: FIRST_EPOCH, version: 0, find: (use, kid) => byUse.get(`${use} ${kid}`)?.key ?? null }
}

/** The keys of a bundle that was found good. */
export function trustOf({ epoch, version, keys }: TrustBundle): Trust {
  const byUse = keysByUse(keys)
  return {
    epoch,
    version,
    find(use, kid, atS) {
      const found = byUse.get(`${use} ${kid}`)
      return found !== undefined && maySign(found.said, atS) ? found.key : null
    },
  }
}

function keysByUse<Key extends TrustedKey>(keys: readonly Key[]) {
  return new Map(
    keys.map(said => [`${said.use} ${said.kid}`, { said, key: createPublicKey({ key: said.jwk, format: 'jwk' }) }]),
  )
}
