import {
  createEnrolmentCode as codeRoute,
  createGate as createRoute,
  type Gate,
  getGate,
  listGates as listRoute,
} from '@gatehouse/shared/wire/api/gates.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { actorOf, type Binder } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { createEnrolmentCode } from './enrolment.repo.ts'
import { spoken } from './enrolment-code.ts'
import {
  type AccessPointRow,
  accessPoints,
  createGate,
  findGateRow,
  type GateRow,
  gateLine,
  listGates,
} from './gates.repo.ts'

export type GatesRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

const PROBLEMS = {
  no_such_gate: { status: 404, code: 'not_found', message: 'There is no gate with that id.' },
  short_name_taken: {
    status: 409,
    code: 'short_name_taken',
    message: 'Another gate has this short name. Choose another one.',
    details: [{ path: 'shortName', message: 'is another gate’s' }],
  },
} satisfies Record<string, Problem>

export function gatesRoutes(routes: Binder, { db, nowMs }: GatesRoutesNeeds): void {
  routes.inSchool(listRoute, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const points = await accessPoints(tx)
      return { data: (await listGates(tx)).map(row => gateOf(row, points)) }
    }),
  )

  routes.inSchool(getGate, ({ params: { gateId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findGateRow(tx, gateId)
      return row === undefined ? { problem: PROBLEMS.no_such_gate } : { data: gateOf(row, await accessPoints(tx)) }
    }),
  )

  routes.inSchool(createRoute, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const made = await createGate(tx, actorOf(who, nowMs()), body)
      if (!made.ok) return { problem: PROBLEMS[made.failure] }
      return { data: gateOf((await findGateRow(tx, made.value))!, await accessPoints(tx)) }
    }),
  )

  routes.inSchool(codeRoute, async ({ params: { gateId }, who }) => {
    const made = await inSchool(db, who.school.id, tx => createEnrolmentCode(tx, actorOf(who, nowMs()), gateId))
    if (made === null) return { problem: PROBLEMS.no_such_gate }
    return { data: { code: spoken(made.code), expiresAt: made.expiresAt.toISOString() } }
  })
}

export function gateOf(row: GateRow, points: ReadonlyMap<string, AccessPointRow[]>): Gate {
  return {
    ...gateLine(row),
    accessPoints: (points.get(row.id) ?? []).map(({ id, lane, name, direction, groups }) => ({
      id,
      lane,
      name,
      direction,
      groups,
    })),
    createdAt: row.created_at.toISOString(),
  }
}
