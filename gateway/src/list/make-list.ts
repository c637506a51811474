import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { EMPTY_POLICY } from '@gatehouse/shared/list/policy.ts'
import { type PassRow, packPass, SNAPSHOT_TYP, type Snapshot } from '@gatehouse/shared/list/snapshot.ts'
import type { GateIdentity, TrustedKey } from '@gatehouse/shared/wire/gate-config.ts'
import { CompactSign } from 'jose'
import { z } from 'zod'
import { cardKeyOf } from '../core/card-key.ts'
import type { ListedCard } from './cards-file.ts'

/** The school of a gate that stands alone. */
const TENANT = 'standalone'
const SCOPE = 'main'
const LIST_KID = `${TENANT}/list/1`

/** Every group there is: a card of a small site opens all of its lanes. */
const ALL_GROUPS = 0x7fffffff

/** `list-key.json`, mode 0600: signs the next list of the same gate, one version later. */
export const ListKey = z.object({
  version: z.int().min(0),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
})
export type ListKey = z.infer<typeof ListKey>

/** A gate without a cloud: its identity, and the key that signs its lists. */
export function standaloneGate(shortName: string, timeZone: string): { identity: GateIdentity; listKey: ListKey } {
  const list = generateKeyPairSync('ed25519')
  const gate = generateKeyPairSync('ed25519')
  const identity: GateIdentity = {
    gateId: randomUUID(),
    tenant: TENANT,
    scope: SCOPE,
    shortName,
    name: shortName,
    timeZone,
    cardSecret: randomBytes(32).toString('base64url'),
    trust: [{ kid: LIST_KID, use: 'list', jwk: list.publicKey.export({ format: 'jwk' }) as TrustedKey['jwk'] }],
    cloud: null,
    signingKey: gate.privateKey.export({ format: 'jwk' }) as GateIdentity['signingKey'],
  }
  return { identity, listKey: { version: 0, jwk: list.privateKey.export({ format: 'jwk' }) as ListKey['jwk'] } }
}

export type MadeList = {
  readonly jws: string
  readonly passes: readonly { readonly passId: string; readonly name: string }[]
}

/** The signed list of these cards. A card keeps its pass id from list to list, so that events of both speak of one. */
export async function makeList(
  cards: readonly ListedCard[],
  { identity, listKey, nowS }: { readonly identity: GateIdentity; readonly listKey: ListKey; readonly nowS: number },
): Promise<MadeList> {
  const secret = Buffer.from(identity.cardSecret, 'base64url')
  const listed = cards.map(({ card, name, notBeforeS, expiresS }) => {
    const cardKey = cardKeyOf(secret, card)
    const passId = createHmac('sha256', secret).update(`pass ${cardKey}`).digest('hex').slice(0, 16)
    const row: PassRow = {
      passId,
      notBeforeS,
      expiresS,
      groups: ALL_GROUPS,
      status: 'active',
      class: 'visitor',
      profile: 0,
      minGeneration: 0,
    }
    return { cardKey, passId, name, row }
  })
  const snapshot: Snapshot = {
    issuer: TENANT,
    scope: SCOPE,
    version: listKey.version,
    issuedAtS: nowS,
    serialMax: 0,
    policy: EMPTY_POLICY,
    passes: listed.map(({ row }) => packPass(row)).sort((a, b) => (a[0] < b[0] ? -1 : 1)),
    cards: listed
      .map(({ cardKey, passId }): [string, string] => [cardKey, passId])
      .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
  }
  const jws = await new CompactSign(Buffer.from(JSON.stringify(snapshot)))
    .setProtectedHeader({ alg: 'Ed25519', typ: SNAPSHOT_TYP, kid: LIST_KID })
    .sign(createPrivateKey({ key: listKey.jwk, format: 'jwk' }))
  return { jws, passes: listed.map(({ passId, name }) => ({ passId, name })) }
}
