import { bindDevice as bindRoute, type MyPass, myEvents, myPassCode, myPasses } from '@gatehouse/shared/wire/api/my.ts'
import { lineOf, listEvents } from '../access/access-events.repo.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { type Signer, signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { nameOf } from '../students/name.ts'
import { dynamicCertificate } from './certificate.ts'
import { bindDevice, deviceKeysOf, findOwnPass, listOwnPasses } from './device-keys.repo.ts'
import { checkBinding } from './device-keys-proof.ts'
import { groupNames } from './groups.repo.ts'
import { groupNumbers, holderIdOf, type PassRow } from './passes.repo.ts'
import { certificateOf, staticCode } from './static-code.ts'

export type MyRoutesNeeds = { readonly db: Db; readonly vault: Vault; readonly nowMs: () => number }

const PROBLEMS = {
  no_such_pass: { status: 404, code: 'not_found', message: 'There is no pass of yours with that id.' },
  already_revoked: {
    status: 409,
    code: 'already_revoked',
    message: 'This pass was revoked. Ask the school’s administration for a new one.',
  },
  bound_too_often: {
    status: 409,
    code: 'bound_too_often',
    message: 'This pass cannot take another phone. Ask the school’s administration for a new one.',
  },
  bad_proof: {
    status: 422,
    code: 'bad_proof',
    message: 'The phone did not show that it holds this key. Bind it again from the page itself.',
    details: [{ path: 'proof', message: 'must be signed by the key, for this pass' }],
  },
  clock_off: {
    status: 422,
    code: 'clock_off',
    message: 'The clock of this phone is off by more than five minutes. Set it to automatic and bind again.',
    details: [{ path: 'proof', message: 'must be of now' }],
  },
} satisfies Record<string, Problem>

/** What a student does with passes of their own: whose they are is asked in each query, by the account they belong to. */
export function myRoutes(routes: Binder, { db, vault, nowMs }: MyRoutesNeeds): void {
  routes.inSchool(myPasses, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({ data: await shown(tx, who, await listOwnPasses(tx, who.userId)) })),
  )

  routes.inSchool(bindRoute, async ({ params: { passId }, body, who }) => {
    const point = await checkBinding({ passId, ...body }, nowMs())
    if (!point.ok) return { problem: PROBLEMS[point.failure] }
    return inSchool(db, who.school.id, async tx => {
      const bound = await bindDevice(tx, actorOf(who, nowMs()), { userId: who.userId, passId, point: point.value })
      if (!bound.ok) return { problem: PROBLEMS[bound.failure] }
      return { data: (await shown(tx, who, [bound.value]))[0]! }
    })
  })

  routes.inSchool(myPassCode, ({ params: { passId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findOwnPass(tx, who.userId, passId)
      if (row === undefined) return { problem: PROBLEMS.no_such_pass }
      if (row.status === 'revoked') return { problem: PROBLEMS.already_revoked }
      return { data: { digits: await staticCode(await passSigner(tx, who), certificateOf(row)) } }
    }),
  )

  // Only what was proven: an event that merely claims a pass has no student.
  routes.inSchool(myEvents, ({ query: { limit }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const [pass] = await listOwnPasses(tx, who.userId)
      if (pass === undefined) return { data: [] }
      return { data: (await listEvents(tx, { after: null, limit, studentId: holderIdOf(pass) })).map(lineOf) }
    }),
  )

  function passSigner(tx: Tx, { school: { id: schoolId, tenant } }: SchoolPerson): Promise<Signer> {
    return signerOf(tx, vault, { schoolId, tenant }, 'pass')
  }

  async function shown(tx: Tx, who: SchoolPerson, rows: readonly PassRow[]): Promise<MyPass[]> {
    const names = await groupNames(tx)
    const signer = await passSigner(tx, who)
    const keys = await deviceKeysOf(
      tx,
      rows.map(row => row.pass_id),
    )
    const mine = rows.map(async (row): Promise<MyPass> => {
      const key = keys.get(row.pass_id)
      return {
        passId: row.pass_id,
        serial: Number(row.serial),
        holderName: nameOf(row),
        schoolName: who.school.name,
        status: row.status,
        class: row.class,
        notBefore: row.not_before.toISOString(),
        expires: row.expires.toISOString(),
        groups: groupNumbers(row.groups).map(number => names.get(number) ?? `Group ${number}`),
        device:
          key === undefined
            ? null
            : {
                point: key.point,
                certificate: await dynamicCertificate(signer, certificateOf(row), key.point),
                boundAt: key.created_at.toISOString(),
              },
      }
    })
    return Promise.all(mine)
  }
}
