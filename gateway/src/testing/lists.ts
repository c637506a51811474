import { toBase64url } from '@gatehouse/shared/bytes.ts'
import { DELTA_TYP, type Delta } from '@gatehouse/shared/list/documents.ts'
import { diffRows } from '@gatehouse/shared/list/ops.ts'
import { perTable, TABLES } from '@gatehouse/shared/list/rows.ts'
import { trustIn } from '../list/trust.ts'
import type { Signed, VerifiedList } from '../list/verified-list.ts'
import { type VerifiedDelta, verifyDelta } from '../list/verify-delta.ts'
import { verifyHead, verifyPolicy, verifyTables } from '../list/verify-list.ts'
import { sha256Hex } from '../store/sha256.ts'
import { type TestListChange, type TestSchool, testSchool } from './school.ts'

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

export type TestStep = { readonly signed: Signed; readonly delta: VerifiedDelta }

/** The signed step from one list to the next, and the head it leads to. */
export async function verifiedStep(
  before: TestListChange,
  after: TestListChange,
  change: Partial<Delta> = {},
): Promise<TestStep> {
  const [old, now] = [await verifiedList(before), await verifiedList(after)]
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
  const jws = await listSchool.seal(DELTA_TYP, 'list', said)
  const delta = await verifyDelta(jws, trustIn(listSchool.trust))
  if (!delta.ok) throw new Error(delta.failure)
  const headJws = await listSchool.signHead(after, { deltaHash: sha256Hex(jws) })
  const head = await verifyHead(headJws, trustIn(listSchool.trust))
  if (!head.ok) throw new Error(head.failure)
  return { signed: { ...now, head: head.value, headJws }, delta: delta.value }
}
