import {
  type AccessKey,
  createAccessKey,
  deleteAccessKey,
  endSchoolKey,
  listAccessKeys,
  listSchoolKeys as listSchoolKeysRoute,
} from '@gatehouse/shared/wire/api/auth-keys.ts'
import { audit, type Facts, look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Row } from '../db/tables.ts'
import { actorOf, type Binder, type Caller } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import { createKey, deleteKey, listKeys, listSchoolKeys } from './access-keys.repo.ts'
import { mayNow } from './identity.ts'
import { schoolOfUser } from './sign-in.ts'

const PROBLEMS = {
  too_many_keys: { status: 409, code: 'too_many_keys', message: 'You have 20 access keys. End one you no longer use.' },
  no_such_key: { status: 404, code: 'not_found', message: 'You have no access key with that id.' },
  no_such_school_key: {
    status: 404,
    code: 'not_found',
    message: 'Nobody of the school has an access key with that id.',
  },
} satisfies Record<string, Problem>

/** Personal access keys: a program speaks for its owner, and for no more than it was made for. */
export function accessKeysRoutes(
  routes: Binder,
  { db, nowMs }: { readonly db: Db; readonly nowMs: () => number },
): void {
  const auditorOf = (who: Caller) => ({ schoolId: schoolOfUser(who), nowMs: nowMs(), by: who.by })

  routes.own(listAccessKeys, async ({ who }) => {
    const keys = await inSchool(db, schoolOfUser(who), tx => listKeys(tx, who.userId))
    return { data: keys.map(keyOf) }
  })

  routes.own(createAccessKey, async ({ who, body: { name, scopes, days } }) => {
    const missing = scopes.filter(scope => !mayNow(who, scope))
    if (missing.length > 0) return { problem: beyondRights(missing) }
    const auditor = auditorOf(who)
    const { schoolId } = auditor
    const made = await inSchool(db, schoolId, async tx => {
      const made = await createKey(tx, { schoolId, userId: who.userId, name, scopes, days, nowMs: nowMs() })
      if (made.ok) {
        const { id } = made.value.row
        await audit(tx, auditor, { action: 'key.create', subject: { kind: 'key', id }, after: factsOf(made.value.row) })
      }
      return made
    })
    if (!made.ok) return { problem: PROBLEMS[made.failure] }
    return {
      data: { accessKey: keyOf(made.value.row), key: made.value.key },
      message: 'Keep this key: it is shown once.',
    }
  })

  const end = (auditor: ReturnType<typeof auditorOf>, which: { readonly keyId: string; readonly userId?: string }) =>
    inSchool(db, auditor.schoolId, async tx => {
      const gone = await deleteKey(tx, { schoolId: auditor.schoolId, ...which })
      if (gone.ok) {
        const subject = { kind: 'key', id: which.keyId }
        await audit(tx, auditor, { action: 'key.end', subject, before: factsOf(gone.value) })
      }
      return gone
    })

  routes.own(deleteAccessKey, async ({ who, params: { keyId } }) => {
    const gone = await end(auditorOf(who), { keyId, userId: who.userId })
    return gone.ok ? { data: null, message: 'The key has ended.' } : { problem: PROBLEMS[gone.failure] }
  })

  routes.inSchool(listSchoolKeysRoute, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listSchoolKeys(tx, query)
      await look(tx, actorOf(who, nowMs()), {
        action: 'access_key.list',
        after: { ...asked(query), shown: rows.length },
      })
      const data = rows.map(row => ({
        ...keyOf(row),
        owner: { id: row.user_id, displayName: row.display_name, role: row.role },
      }))
      return { data, pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(endSchoolKey, async ({ who, params: { keyId } }) => {
    const gone = await end({ schoolId: who.school.id, nowMs: nowMs(), by: who.by }, { keyId })
    return gone.ok ? { data: null, message: 'The key has ended.' } : { problem: PROBLEMS.no_such_school_key }
  })
}

function beyondRights(scopes: readonly string[]): Problem {
  return {
    status: 403,
    code: 'scope_beyond_rights',
    message: `Your role does not allow ${scopes.join(', ')}, so no key of yours can. Leave it out.`,
  }
}

function factsOf({ name, scopes, expires_at }: Row<'access_keys'>): Facts {
  return { name, scopes, expiresAt: expires_at.toISOString() }
}

function keyOf({ id, name, scopes, created_at, expires_at, last_used_at }: Row<'access_keys'>): AccessKey {
  return {
    id,
    name,
    scopes,
    createdAt: created_at.toISOString(),
    expiresAt: expires_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
  }
}
