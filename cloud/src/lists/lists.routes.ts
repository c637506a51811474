import { getGateRules, putGateRules } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { approveList, type PendingList, pendingLists } from '@gatehouse/shared/wire/api/lists.ts'
import { may } from '@gatehouse/shared/wire/rights.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { type KeptRules, type RulesRefused, readGateRules, saveGateRules } from './gate-rules.repo.ts'
import { type ApprovalRefused, approveHold, type HoldRow, listHolds } from './holds.repo.ts'

export type ListsRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

const PROBLEMS = {
  no_such_hold: {
    status: 404,
    code: 'not_found',
    message: 'Nothing waits under this id: it was let go, or what was asked for was undone.',
  },
  changed_since: {
    status: 409,
    code: 'changed_since',
    message: 'The change is another one than you saw. Look at its numbers again.',
  },
  approved_already: { status: 409, code: 'approved_already', message: 'Somebody let this change go a moment ago.' },
  is_maker: {
    status: 403,
    code: 'second_administrator',
    message: 'You made one of these changes. Another administrator has to look at them.',
  },
} satisfies Record<ApprovalRefused, Problem>

export function listsRoutes(routes: Binder, { db, nowMs }: ListsRoutesNeeds): void {
  routes.inSchool(pendingLists, ({ who }) =>
    inSchool(db, who.school.id, async tx => {
      const rows = await listHolds(tx, who.school.id)
      return { data: rows.map(row => pendingOf(row, who)) }
    }),
  )

  routes.inSchool(approveList, ({ params: { holdId }, body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const approved = await approveHold(tx, actorOf(who, nowMs()), { holdId, ...body })
      return approved.ok ? { data: pendingOf(approved.value, who) } : { problem: PROBLEMS[approved.failure] }
    }),
  )

  routes.inSchool(getGateRules, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await rulesOf(tx, await readGateRules(tx, who.school.id)) })),
  )

  routes.inSchool(putGateRules, ({ body, who }) =>
    inSchool(db, who.school.id, async tx => {
      const saved = await saveGateRules(tx, actorOf(who, nowMs()), body)
      return 'refused' in saved ? { problem: problemOf(saved.refused) } : { data: await rulesOf(tx, saved) }
    }),
  )
}

function pendingOf(row: HoldRow, who: SchoolPerson): PendingList {
  const isMaker = row.makers.some(({ id }) => id === who.userId)
  const cannot = !may(who.role, 'list:approve')
    ? 'not_allowed'
    : row.approved_at !== null
      ? 'approved_already'
      : isMaker
        ? 'is_maker'
        : null
  return {
    id: row.id,
    scope: row.scope,
    madeAt: row.made_at.toISOString(),
    contentHash: row.content_hash,
    numbers: row.numbers,
    makers: row.makers.map(({ name }) => name),
    cannot,
  }
}

async function rulesOf(tx: Tx, { version, rules, changedAt, changedBy }: KeptRules) {
  const by =
    changedBy === null
      ? undefined
      : await tx.selectFrom('users').select('display_name').where('id', '=', changedBy).executeTakeFirst()
  return { version, rules, changedAt: changedAt?.toISOString() ?? null, changedBy: by?.display_name ?? null }
}

function problemOf(refused: RulesRefused): Problem {
  switch (refused.why) {
    case 'overtaken':
      return {
        status: 409,
        code: 'overtaken',
        message: 'Somebody else changed the rules since you read them. Read them again; what you typed is still here.',
      }
    case 'profile_used': {
      const { number, passes } = refused
      const message = `${passes} ${passes === 1 ? 'pass names' : 'passes name'} profile ${number}: give them other hours first.`
      return { status: 409, code: 'profile_used', message, details: [{ path: `rules.profiles.${number}`, message }] }
    }
    case 'profile_of_level': {
      const { number, levels } = refused
      const message = `${levels} access ${levels === 1 ? 'level names' : 'levels name'} profile ${number}, archived ones counted: give them other hours first.`
      return { status: 409, code: 'profile_used', message, details: [{ path: `rules.profiles.${number}`, message }] }
    }
    case 'no_such_gate': {
      const message = `There is no gate ${refused.gateId} in this school. Nothing was changed.`
      return {
        status: 422,
        code: 'no_such_gate',
        message,
        details: [{ path: `rules.gates.${refused.gateId}`, message }],
      }
    }
  }
}
