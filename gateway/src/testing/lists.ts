import { toBase64url } from '@gatehouse/shared/bytes.ts'
import { DELTA_TYP, type Delta } from '@gatehouse/shared/list/documents.ts'
import { diffRows } from '@gatehouse/shared/list/ops.ts'
import { perTable, TABLES } from '@gatehouse/shared/list/rows.ts'
import { trustIn } from '../list/trust.ts'
import type { Files, Signed, VerifiedList } from '../list/verified-list.ts'
import { type VerifiedDelta, verifyDelta } from '../list/verify-delta.ts'
import { verifyHead, verifyPolicy, verifyTables } from '../list/verify-list.ts'
import { sha256Hex } from '../store/sha256.ts'
import { passRow, type TestListChange, type TestSchool, testSchool } from './school.ts'

/** One school for lists that need no gate. */
export const listSchool = testSchool()

/** A list of the school, signed and then verified as a gate would. */
export async function verifiedList(
  change: TestListChange = {},
  school: TestSchool = listSchool,
): Promise<VerifiedList> {
  const trust = trustIn(school.trust)
  const { headJws, policyJws, files } = await school.signParts(school.list(change))
  const head = await verifyHead(headJws, trust)
  if (!head.ok) throw new Error(head.failure)
  const policy = await verifyPolicy(policyJws, head.value, trust)
  const tables = await verifyTables(files, head.value.snapshot)
  if (!policy.ok || !tables.ok) throw new Error('a list of our own did not verify')
  return {
    head: head.value,
    headJws,
    policy: policy.value,
    policyJws,
    baseJws: headJws,
    files,
    tables: tables.value,
    deltas: [],
  }
}

/** A step as it goes over the wire: what the cloud signed, and the tables of the list that it leads to. */
export type SignedStep = {
  readonly headJws: string
  readonly deltaJws: string
  readonly policyJws: string
  readonly files: Files
}

/** The signed step from one list of a school to the next, and the head it leads to. */
export async function signedStep(
  before: TestListChange,
  after: TestListChange,
  change: Partial<Delta> = {},
  school: TestSchool = listSchool,
): Promise<SignedStep> {
  const [old, now] = [await verifiedList(before, school), await verifiedList(after, school)]
  const ops: Delta['ops'] = {}
  for (const table of TABLES) {
    const { upsert, delete: gone } = diffRows(table, old.tables[table].rows, now.tables[table].rows)
    if (upsert.length + gone.length > 0) ops[table] = { upsert: toBase64url(upsert), delete: toBase64url(gone) }
  }
  const { issuer, scope, epoch, version, issuedAtS, stateRoot } = now.head
  const said: Delta = {
    issuer,
    scope,
    epoch,
    from: version - 1,
    to: version,
    issuedAtS,
    previousDelta: old.head.deltaHash,
    rootBefore: old.head.stateRoot,
    rootAfter: stateRoot,
    bucketBits: perTable(table => now.tables[table].bucketBits),
    ops,
    ...change,
  }
  const deltaJws = await school.seal(DELTA_TYP, 'list', said)
  const headJws = await school.signHead(after, { deltaHash: sha256Hex(deltaJws) })
  return { headJws, deltaJws, policyJws: now.policyJws, files: now.files }
}

export type TestStep = { readonly signed: Signed; readonly delta: VerifiedDelta }

/** The same of the one school, verified as a gate would. */
export async function verifiedStep(
  before: TestListChange,
  after: TestListChange,
  change: Partial<Delta> = {},
): Promise<TestStep> {
  const trust = trustIn(listSchool.trust)
  const { headJws, deltaJws, policyJws } = await signedStep(before, after, change)
  const delta = await verifyDelta(deltaJws, trust)
  if (!delta.ok) throw new Error(delta.failure)
  const head = await verifyHead(headJws, trust)
  if (!head.ok) throw new Error(head.failure)
  const policy = await verifyPolicy(policyJws, head.value, trust)
  if (!policy.ok) throw new Error(policy.failure)
  return { signed: { head: head.value, headJws, policy: policy.value, policyJws }, delta: delta.value }
}

/** Version after version of a list of which each changes every row. */
export function stepList(version: number): TestListChange {
  const passes = Array.from({ length: 300 }, (_, at) =>
    passRow({
      passId: ((at * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').padEnd(16, '0'),
      minGeneration: version,
    }),
  )
  return { version, passes }
}
