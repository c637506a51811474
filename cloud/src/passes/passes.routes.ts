import type { Result } from '@gatehouse/shared/result.ts'
import {
  addCredential as addRoute,
  getPass,
  issuePass as issueRoute,
  listPasses as listRoute,
  passCode,
  proposePass as proposeRoute,
  removeCredential as removeRoute,
  resumePass as resumeRoute,
  revokePass as revokeRoute,
  suspendPass as suspendRoute,
} from '@gatehouse/shared/wire/api/passes.ts'
import { may } from '@gatehouse/shared/wire/rights.ts'
import { look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { nameOf } from '../students/name.ts'
import { cardTaken } from './card-taken.ts'
import { addCredential, cardOf, holderOfCard, removeCredential } from './credentials.repo.ts'
import { issuePass, proposePass } from './issue-pass.ts'
import { passesShown } from './pass-shown.ts'
import {
  aboutPass,
  findPass,
  holderIdOf,
  listPasses,
  type PassRow,
  resumePass,
  revokePass,
  suspendPass,
} from './passes.repo.ts'
import { certificateOf, staticCode } from './static-code.ts'

export type PassesRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

export const PASS_PROBLEMS = {
  no_such_pass: { status: 404, code: 'not_found', message: 'There is no pass with that id.' },
  no_such_student: { status: 404, code: 'not_found', message: 'There is no student with that id.' },
  student_not_active: {
    status: 409,
    code: 'student_not_active',
    message: 'Only an active student gets a pass. Change the student’s status first.',
  },
  no_such_group: {
    status: 422,
    code: 'validation_failed',
    message: 'One of the groups does not exist. Choose from the school’s groups.',
    details: [{ path: 'groups', message: 'must be groups of the school' }],
  },
  no_such_profile: {
    status: 422,
    code: 'validation_failed',
    message: 'There is no time profile with that number. 0 is always.',
    details: [{ path: 'profile', message: 'must be 0' }],
  },
  no_such_level: {
    status: 422,
    code: 'validation_failed',
    message: 'There is no access level with that id. Choose from the school’s levels.',
    details: [{ path: 'levelId', message: 'must be a level of the school' }],
  },
  level_archived: {
    status: 409,
    code: 'level_archived',
    message: 'This access level is archived. Choose another, or bring it back.',
    details: [{ path: 'levelId', message: 'is archived' }],
  },
  level_of_other_kind: {
    status: 422,
    code: 'validation_failed',
    message: 'This access level is for another kind of pass. Leave the kind out, or choose a level of this kind.',
    details: [{ path: 'class', message: 'is not the level’s' }],
  },
  no_default_level: {
    status: 422,
    code: 'no_default_level',
    message: 'There is no default for this kind of pass and this department. Choose an access level or groups.',
    details: [{ path: 'levelId', message: 'is needed: there is no default' }],
  },
  no_term: {
    status: 422,
    code: 'no_term',
    message:
      'Passes of this kind end with a term, and none of today or later is entered. Give an end, or enter the term.',
    details: [{ path: 'expires', message: 'is needed: no term is entered' }],
  },
  ends_before_it_begins: {
    status: 422,
    code: 'validation_failed',
    message: 'The pass would end before it begins. Give another end, or change how long passes of this kind are valid.',
    details: [{ path: 'expires', message: 'must be after the beginning' }],
  },
  already_revoked: {
    status: 409,
    code: 'already_revoked',
    message: 'This pass was revoked before. That revocation stands.',
  },
  host_not_active: {
    status: 409,
    code: 'host_not_active',
    message:
      'The visitor is forgotten, or their host is not active here any more. Give the visitor another host first.',
  },
  too_long: {
    status: 422,
    code: 'too_long',
    message:
      'A visitor’s pass does not last that long here. Give an earlier end, or change how long passes of visitors are valid.',
    details: [{ path: 'expires', message: 'is later than passes of visitors may end' }],
  },
  ends_no_later: {
    status: 409,
    code: 'ends_no_later',
    message: 'That is no later end than the pass has, or it is over. Give a later one, or enter the next term.',
    details: [{ path: 'expires', message: 'must be later than the end that it has' }],
  },
  replaced_too_often: {
    status: 409,
    code: 'replaced_too_often',
    message: 'This pass was replaced as often as a pass can be. Revoke it, and issue another.',
  },
  not_active: { status: 409, code: 'not_active', message: 'Only an active pass can be suspended.' },
  not_suspended: { status: 409, code: 'not_suspended', message: 'This pass is not suspended.' },
  student_suspended: {
    status: 409,
    code: 'student_suspended',
    message: 'The student is suspended. Make the student active, and the pass comes back.',
  },
  wrong_length: {
    status: 422,
    code: 'validation_failed',
    message:
      'That is not as many digits as a card of this kind has. Type the number as the reader shows it, zeros too.',
    details: [{ path: 'bits', message: 'has the wrong length for this kind of card' }],
  },
  card_taken: cardTaken(undefined),
  no_such_credential: { status: 404, code: 'not_found', message: 'There is no such card on this pass.' },
} satisfies Record<string, Problem>

export type PassFailure = keyof typeof PASS_PROBLEMS

export function passesRoutes(routes: Binder, { db, vault, nowMs }: PassesRoutesNeeds): void {
  /** Does something to a pass and shows what became of it. */
  const change = (who: SchoolPerson, work: (tx: Tx) => Promise<Result<PassRow, PassFailure>>) =>
    inSchool(db, who.school.id, async tx => {
      const done = await work(tx)
      return done.ok
        ? { data: (await passesShown(tx, [done.value], nowMs()))[0]! }
        : { problem: PASS_PROBLEMS[done.failure] }
    })

  routes.inSchool(listRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listPasses(tx, { ...query, nowMs: nowMs() })
      await look(tx, actorOf(who, nowMs()), {
        action: 'pass.list',
        studentIds: [...new Set(rows.map(holderIdOf))],
        after: { ...asked(query), shown: rows.length },
      })
      return { data: await passesShown(tx, rows, nowMs()), pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(getPass, ({ params: { passId }, who }) =>
    change(who, async tx => {
      const pass = await found(tx, passId)
      if (pass.ok) await look(tx, actorOf(who, nowMs()), { action: 'pass.read', ...aboutPass(pass.value) })
      return pass
    }),
  )

  routes.inSchool(issueRoute, ({ body, who }) =>
    change(who, tx =>
      issuePass(tx, actorOf(who, nowMs()), {
        ...body,
        notBeforeMs: timeOf(body.notBefore),
        expiresMs: timeOf(body.expires),
      }),
    ),
  )

  routes.inSchool(proposeRoute, async ({ query, who }) => {
    const proposed = await inSchool(db, who.school.id, tx => proposePass(tx, actorOf(who, nowMs()), query))
    if (!proposed.ok) return { problem: PASS_PROBLEMS[proposed.failure] }
    const { level, end, ends } = proposed.value
    const expires = end === null ? null : new Date(end.expiresMs).toISOString()
    return { data: { level, expires, ends, term: end?.term ?? null } }
  })

  routes.inSchool(revokeRoute, ({ params: { passId }, body: { note }, who }) =>
    change(who, tx => revokePass(tx, actorOf(who, nowMs()), { passId, note })),
  )

  routes.inSchool(suspendRoute, ({ params: { passId }, body: { note }, who }) =>
    change(who, tx => suspendPass(tx, actorOf(who, nowMs()), { passId, note })),
  )

  routes.inSchool(resumeRoute, ({ params: { passId }, who }) =>
    change(who, tx => resumePass(tx, actorOf(who, nowMs()), passId)),
  )

  routes.inSchool(passCode, ({ params: { passId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findPass(tx, passId)
      if (row === undefined) return { problem: PASS_PROBLEMS.no_such_pass }
      if (row.status === 'revoked') return { problem: PASS_PROBLEMS.already_revoked }
      const { id: schoolId, tenant } = who.school
      const signer = await signerOf(tx, vault, { schoolId, tenant }, 'pass')
      await look(tx, actorOf(who, nowMs()), { action: 'pass.code', ...aboutPass(row) })
      return {
        data: {
          digits: await staticCode(signer, certificateOf(row)),
          serial: Number(row.serial),
          holderName: nameOf(row),
          expires: row.expires.toISOString(),
        },
      }
    }),
  )

  routes.inSchool(addRoute, async ({ params: { passId }, body, who }) => {
    const card = cardOf(body)
    if (!card.ok) return { problem: PASS_PROBLEMS[card.failure] }
    const { id: schoolId, tenant } = who.school
    const added = await change(who, async tx => {
      const done = await addCredential(tx, vault, { ...actorOf(who, nowMs()), tenant }, { passId, card: card.value })
      return done.ok ? found(tx, passId) : done
    })
    if (!('problem' in added) || added.problem.code !== 'card_taken' || !may(who.role, 'pass:read')) return added
    return inSchool(db, schoolId, async tx => {
      const holder = await holderOfCard(tx, vault, tenant, card.value)
      if (holder !== undefined) await look(tx, actorOf(who, nowMs()), { action: 'card.read', ...aboutPass(holder) })
      return { problem: cardTaken(holder) }
    })
  })

  routes.inSchool(removeRoute, ({ params: { passId, credentialId }, who }) =>
    change(who, async tx => {
      const gone = await removeCredential(tx, actorOf(who, nowMs()), { passId, credentialId })
      return gone.ok ? found(tx, passId) : gone
    }),
  )
}

async function found(tx: Tx, passId: string): Promise<Result<PassRow, 'no_such_pass'>> {
  const row = await findPass(tx, passId)
  return row === undefined ? { ok: false, failure: 'no_such_pass' } : { ok: true, value: row }
}

const timeOf = (at: string | undefined) => (at === undefined ? undefined : Date.parse(at))
