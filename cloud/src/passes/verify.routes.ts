import { type Attempt, isProven } from '@gatehouse/shared/decision/attempt.ts'
import { conditionsOf } from '@gatehouse/shared/decision/conditions.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { explain } from '@gatehouse/shared/decision/explain.ts'
import type { Refusal } from '@gatehouse/shared/decision/refusals.ts'
import { listPassChecks, verifyPass } from '@gatehouse/shared/wire/api/passes.ts'
import { WRONG_CURSOR } from '../access/cursor.ts'
import { audit, look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type AccessPointRow, accessPoints, type GateRow, listGates } from '../gates/gates.repo.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import { checkLimit } from '../http/limits.ts'
import { asked } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { FIRST_SCOPE } from '../schools/schools.repo.ts'
import { nameOf } from '../students/name.ts'
import { type AttemptFacts, attemptFacts } from './attempt-facts.ts'
import { cursorText, readCursor } from './check-cursor.ts'
import { checkOf, enterCheck, listChecks } from './pass-checks.repo.ts'
import { aboutPass, groupMask } from './passes.repo.ts'

const NO_SUCH_GATE: Problem = { status: 404, code: 'not_found', message: 'There is no gate with that id.' }
const NO_SUCH_LANE: Problem = { status: 404, code: 'not_found', message: 'That gate has no lane of that name.' }

/** Bit i = group i: an access point that every pass of the school may open. */
const ANYWHERE: Attempt['lane'] = { groups: 0x7fffffff, direction: 'in' }

const OPENS_AT_MAX = 50

/** As far back as guards see events. */
const SECURITY_BACK_MS = 30 * 86_400_000

export type VerifyRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

export function verifyRoutes(routes: Binder, { db, vault, nowMs }: VerifyRoutesNeeds): void {
  routes.inSchool(
    verifyPass,
    ({ body: { digits, gateId, lane }, who }) =>
      inSchool(db, who.school.id, async tx => {
        const ways = await waysOf(tx)
        const gate = gateId === undefined ? null : ways.filter(way => way.gate.id === gateId)
        if (gate?.length === 0) return { problem: NO_SUCH_GATE }
        const at = gate === null ? ANYWHERE : laneOf(gate, lane)
        if (at === null) return { problem: NO_SUCH_LANE }

        const actor = actorOf(who, nowMs())
        const known = await attemptFacts(tx, vault, digits, {
          ...actor,
          school: who.school,
          scope: gate?.[0]?.gate.scope ?? FIRST_SCOPE,
        })
        const attempt = { ...known.facts, lane: at }
        const decision = decide(attempt)
        const refusal = decision.open ? null : decision.refusal
        const proven = isProven(attempt)
        const { passId } = decision
        const { codeTimeS } = known
        await enterCheck(tx, actor, { gateId: gateId ?? null, lane: lane ?? null, passId, codeTimeS, proven, refusal })
        await audit(tx, actor, {
          action: 'pass.verify',
          ...(known.pass !== undefined && proven && aboutPass(known.pass)),
          after: { ...asked({ gateId, lane }), passId, proven, open: decision.open, refusal },
        })
        return {
          data: {
            open: decision.open,
            passId,
            ...holderOf(known, proven),
            refusal,
            ...(refusal === null ? { visitor: null, guard: null } : explain(refusal)),
            conditions: conditionsOf(attempt),
            opensAt: proven && isAskedWhere(gateId, refusal) ? opensAt(ways, known) : [],
          },
        }
      }),
    [checkLimit()],
  )

  routes.inSchool(listPassChecks, async ({ query: { cursor, limit, passId }, who }) => {
    const after = cursor === undefined ? null : readCursor(cursor)
    if (cursor !== undefined && after === null) return { problem: WRONG_CURSOR }
    const from = new Date(who.role === 'security' ? nowMs() - SECURITY_BACK_MS : 0)
    const rows = await inSchool(db, who.school.id, async tx => {
      const checks = await listChecks(tx, { after, limit: limit + 1, passId, from })
      await look(tx, actorOf(who, nowMs()), {
        action: 'pass_check.list',
        after: { ...asked({ passId }), shown: checks.length },
      })
      return checks
    })
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const more = rows.length > limit && last !== undefined
    return {
      data: page.map(checkOf),
      nextCursor: more ? cursorText({ atMs: last.checked_at.getTime(), id: last.id }) : null,
    }
  })
}

/** An access point and the gate that it is of. */
type Way = { readonly gate: GateRow; readonly point: AccessPointRow }

async function waysOf(tx: Tx): Promise<readonly Way[]> {
  const points = await accessPoints(tx)
  return (await listGates(tx)).flatMap(gate => (points.get(gate.id) ?? []).map(point => ({ gate, point })))
}

/** One lane of a gate, or all of its ways in taken together; null where there is no such lane. */
function laneOf(gate: readonly Way[], lane: string | undefined): Attempt['lane'] | null {
  if (lane === undefined)
    return { groups: groupMask(waysIn(gate).flatMap(({ point }) => point.groups)), direction: 'in' }
  const way = gate.find(({ point }) => point.lane === lane)
  return way === undefined ? null : { groups: groupMask(way.point.groups), direction: way.point.direction }
}

/** Where a pass opens is asked without a gate, or at the wrong one. */
function isAskedWhere(gateId: string | undefined, refusal: Refusal | null): boolean {
  return gateId === undefined ? refusal === null : refusal === 'wrong_gate'
}

function opensAt(ways: readonly Way[], { facts }: AttemptFacts) {
  return waysIn(ways)
    .filter(({ point }) => decide({ ...facts, lane: { groups: groupMask(point.groups), direction: 'in' } }).open)
    .slice(0, OPENS_AT_MAX)
    .map(({ gate, point }) => ({ gateId: gate.id, gateName: gate.name, lane: point.lane, laneName: point.name }))
}

function waysIn(ways: readonly Way[]): readonly Way[] {
  return ways.filter(({ point }) => point.direction === 'in')
}

/** A claimed pass names nobody. */
function holderOf({ pass }: AttemptFacts, proven: boolean) {
  if (pass === undefined || !proven) return { holderName: null, class: null, hostName: null }
  return { holderName: nameOf(pass), class: pass.class, hostName: pass.host_name }
}
