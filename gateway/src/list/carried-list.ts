import { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { perTable, TABLES } from '@gatehouse/shared/list/rows.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { z } from 'zod'
import type { Files } from './verified-list.ts'

/** A list in one file, for a stick or a gate without a cloud: what is signed, and the tables in base64. No secret is in it. */
const CarriedList = z.object({
  format: z.literal('gatehouse-list-1'),
  head: z.string(),
  policy: z.string(),
  deltas: z.array(z.string()).max(1_000),
  /** The head that names the files, where deltas lead from it to the other. */
  base: z.string(),
  files: z.record(z.enum(TABLES), z.base64()),
  /** The bundles that lead to the keys of the list; a gate without roots has none to give. */
  trust: TrustChain.optional(),
})

export type Carried = {
  readonly headJws: string
  readonly policyJws: string
  readonly deltas: readonly string[]
  readonly baseJws: string
  readonly files: Files
  readonly trust?: TrustChain | undefined
}

export function encodeCarried({ headJws, policyJws, deltas, baseJws, files, trust }: Carried): string {
  return JSON.stringify({
    format: 'gatehouse-list-1',
    head: headJws,
    policy: policyJws,
    deltas,
    base: baseJws,
    files: perTable(table => Buffer.from(files[table]).toString('base64')),
    trust,
  })
}

export function decodeCarried(text: string): Result<Carried, 'malformed'> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail('malformed')
  }
  const read = CarriedList.safeParse(value)
  if (!read.success) return fail('malformed')
  const { head, policy, deltas, base, files, trust } = read.data
  return ok({
    headJws: head,
    policyJws: policy,
    deltas,
    baseJws: base,
    files: perTable(table => Buffer.from(files[table], 'base64')),
    trust,
  })
}
