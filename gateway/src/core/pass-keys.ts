import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import type { PassKeys } from '@gatehouse/shared/pass/check.ts'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { Trust } from '../list/trust.ts'

export type PassKeysNeeds = {
  readonly identity: Pick<GateIdentity, 'tenant' | 'totpSecret'>
  readonly trust: Trust
  /** What list is in force: certificates found good under another are looked at again. */
  readonly inForce: () => unknown
}

/** The keys with which this gate checks passes, from its own trust by the number in the pass. */
export function passKeysOf({ identity, trust, inForce }: PassKeysNeeds): PassKeys {
  const { tenant, totpSecret } = identity
  return nodePassKeys({
    issuerKey: (kid, nowS) => trust.find('pass', `${tenant}/pass/${kid}`, nowS),
    totpSecret: totpSecret === undefined ? null : Buffer.from(totpSecret, 'base64url'),
    inForce: () => `${trust.version} ${inForce()}`,
  })
}
