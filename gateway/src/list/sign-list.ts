import type { KeyObject } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { concatAll } from '@gatehouse/shared/bytes.ts'
import {
  HEAD_LIFE_S,
  LIST_HEAD_TYP,
  type ListHead,
  type ListPolicy,
  POLICY_TYP,
  type TableFileRef,
} from '@gatehouse/shared/list/documents.ts'
import { bucketHashes } from '@gatehouse/shared/list/roots.ts'
import {
  encodeCard,
  encodeDeviceKey,
  encodePass,
  type ListCard,
  type ListDeviceKey,
  type ListPass,
  perTable,
  type Table,
} from '@gatehouse/shared/list/rows.ts'
import { bucketBitsFor, encodeTable, type TableFile } from '@gatehouse/shared/list/table.ts'
import { CompactSign } from 'jose'
import { sha256, sha256Hex } from '../store/sha256.ts'
import type { Carried } from './carried-list.ts'
import { rootOf, withRoot } from './verify-list.ts'

/** What a list is to say. The order of rows does not matter. */
export type ListToSign = {
  readonly head: Pick<ListHead, 'issuer' | 'scope' | 'epoch' | 'version' | 'issuedAtS' | 'serialMax'>
  readonly policy: ListPolicy
  readonly passes: readonly ListPass[]
  readonly cards: readonly ListCard[]
  readonly deviceKeys: readonly ListDeviceKey[]
}

export type ListSigner = { readonly kid: string; readonly key: KeyObject }

/** A whole list, signed, for a gate without a cloud: no delta leads to it. */
export async function signList(
  { head, policy, passes, cards, deviceKeys }: ListToSign,
  signers: { readonly list: ListSigner; readonly policy: ListSigner },
): Promise<Carried> {
  const rows: Record<Table, Uint8Array[]> = {
    P: passes.map(encodePass),
    C: cards.map(encodeCard),
    K: deviceKeys.map(encodeDeviceKey),
    N: [],
  }
  const tables = perTable((table): TableFile => {
    const sorted = rows[table].sort((a, b) => Buffer.compare(a, b))
    return { table, bucketBits: bucketBitsFor(sorted.length), count: sorted.length, rows: concatAll(sorted) }
  })
  const plain = perTable(table => encodeTable(tables[table]))
  const files = perTable(table => zstdCompressSync(plain[table]))
  const refs = perTable(
    (table): TableFileRef => ({
      sha256: sha256Hex(files[table]),
      compressedBytes: files[table].length,
      bytes: plain[table].length,
      bucketBits: tables[table].bucketBits,
      rows: tables[table].count,
    }),
  )
  const stateRoot = rootOf(
    perTable(table => withRoot({ ...tables[table], bucketHashes: bucketHashes(sha256, tables[table]) })),
  )
  const policyJws = await sign(POLICY_TYP, policy, signers.policy)
  const said: ListHead = {
    ...head,
    expiresS: head.issuedAtS + HEAD_LIFE_S,
    stateRoot,
    deltaHash: null,
    snapshot: {
      version: head.version,
      stateRoot,
      files: refs,
    },
    policyHash: sha256Hex(policyJws),
  }
  const headJws = await sign(LIST_HEAD_TYP, said, signers.list)
  return {
    headJws,
    policyJws,
    deltas: [],
    baseJws: headJws,
    files,
  }
}

export function sign(typ: string, payload: object, { kid, key }: ListSigner): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'Ed25519', typ, kid })
    .sign(key)
}
