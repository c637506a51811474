import { randomBytes } from 'node:crypto'
import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { TENANT } from '@gatehouse/shared/wire/topics.ts'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { sql } from 'kysely'
import { z } from 'zod'
import { audit } from '../audit/audit.ts'
import { findSchools } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { nobodyOf } from '../http/bind.ts'
import { letThrough } from '../http/limits.ts'
import type { Log } from '../http/log.ts'
import type { Vault } from '../keys/vault.ts'
import { type Cookies, SIGN_ON_MS } from './cookies.ts'
import type { IssuerClient, Issuers } from './issuers.ts'
import { makeOneTime, takeOneTime } from './one-time.repo.ts'
import { hashOf } from './secret-hash.ts'
import type { SignIn } from './sign-in.ts'
import { clientSecretOf, signInRulesOf } from './sign-in-rules.repo.ts'
import { callbackUrl } from './sign-in-rules.routes.ts'
import { type Claims, entrantOfClaims, type NotLetIn } from './sign-on.repo.ts'

export type SignOnRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly entry: SignIn
  readonly cookies: Cookies
  readonly issuers: Issuers
  readonly publicUrl: string
  readonly nowMs: () => number
  readonly limit: RequestHandler
  readonly log: Log
}

/** Why somebody comes back to the sign-in page: it has the words. */
export type SignOnFailure =
  | NotLetIn
  | 'no_sign_on'
  | 'issuer_away'
  | 'issuer_refused'
  | 'sign_on_failed'
  | 'sign_on_ended'

const Facts = z.object({ nonce: z.string(), verifier: z.string(), browser: z.string(), trial: z.boolean() })

/**
 * For a browser, outside `/api/v1`: to the school's issuer and back, ending with the session's cookie. With `?trial=1`
 * it goes the same way and ends on a page that says who would be let in; nobody is, and nothing is written.
 */
export function signOnRoutes(needs: SignOnRoutesNeeds): Router {
  const { db, vault, entry, cookies, issuers, publicUrl, nowMs, limit, log } = needs
  const router = Router()

  const back = (res: Response, why: SignOnFailure, trial = false) => {
    cookies.signOn.clear(res)
    res.redirect(303, trial ? `${publicUrl}/sign-on-trial#why=${why}` : `${publicUrl}/#sign-on=${why}`)
  }

  router.get('/auth/oidc/:tenant/start', async (req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    if (!(await letThrough(limit, req, res))) return
    const trial = req.query.trial === '1'
    const school = await schoolWithSignOn(req.params.tenant)
    if (school === null) return back(res, 'no_sign_on', trial)
    const begun = await issuers.begin(school.client)
    if (!begun.ok) {
      log.warn({ tenant: school.tenant, why: begun.failure.why }, 'sign_on.issuer_away')
      return back(res, 'issuer_away', trial)
    }
    const { state, nonce, verifier } = begun.value.going
    // Only this browser may come back: a state that somebody else began signs nobody in.
    const browser = randomBytes(32).toString('base64url')
    await inSchool(db, school.id, tx =>
      makeOneTime(tx, {
        schoolId: school.id,
        userId: null,
        purpose: 'sign_on',
        token: state,
        facts: { nonce, verifier, browser: hashOf(browser), trial },
        lifeMs: SIGN_ON_MS,
        nowMs: nowMs(),
      }),
    )
    cookies.signOn.set(res, browser)
    res.redirect(303, begun.value.url)
  })

  router.get('/auth/oidc/:tenant/callback', async (req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    if (!(await letThrough(limit, req, res))) return
    const school = await schoolWithSignOn(req.params.tenant)
    if (school === null) return back(res, 'no_sign_on')
    const { state } = req.query
    if (typeof state !== 'string' || state.length > 200) return back(res, 'sign_on_ended')
    const going = await inSchool(db, school.id, tx => takeOneTime(tx, state, 'sign_on', nowMs()))
    const kept = going === null ? null : Facts.parse(going.facts)
    const browser = cookies.signOn.read(req)
    if (kept === null || browser === null || hashOf(browser) !== kept.browser) return back(res, 'sign_on_ended')

    const cameBackTo = new URL(req.originalUrl, publicUrl)
    const finished = await issuers.finish(school.client, cameBackTo, { ...kept, state })
    if (!finished.ok) {
      const { is, why } = finished.failure
      log.warn({ tenant: school.tenant, why }, `sign_on.${is}`)
      if (!kept.trial) await refused(req, school.id, why)
      const said = is === 'away' ? 'issuer_away' : is === 'refused' ? 'issuer_refused' : 'sign_on_failed'
      return back(res, said, kept.trial)
    }
    if (kept.trial) {
      const found = await tried(req, school, finished.value)
      if (!found.ok) return back(res, found.failure, true)
      cookies.signOn.clear(res)
      return res.redirect(303, `${publicUrl}/sign-on-trial#role=${found.value.role}`)
    }
    const why = await letIn(req, res, school, finished.value)
    if (why !== null) return back(res, why)
    cookies.signOn.clear(res)
    res.redirect(303, `${publicUrl}/`)
  })

  /** Whom the claims would let in. A newcomer is entered and a role given as always, and taken back before anybody sees it. */
  function tried(
    req: Request,
    { id: schoolId, signOn }: { readonly id: string; readonly signOn: SignOn },
    claims: Claims,
  ) {
    return inSchool(db, schoolId, async tx => {
      await sql`savepoint trial`.execute(tx)
      const found = await entrantOfClaims(tx, { schoolId, signOn, nowMs: nowMs(), by: nobodyOf(req) }, claims)
      await sql`rollback to savepoint trial`.execute(tx)
      return found
    })
  }

  async function letIn(
    req: Request,
    res: Response,
    school: { readonly id: string; readonly signOn: SignOn },
    claims: Claims,
  ): Promise<SignOnFailure | null> {
    const { id: schoolId, signOn } = school
    const by = nobodyOf(req)
    const found = await inSchool(db, schoolId, tx =>
      entrantOfClaims(tx, { schoolId, signOn, nowMs: nowMs(), by }, claims),
    )
    if (!found.ok) {
      await refused(req, schoolId, `sign-on: ${found.failure}`)
      return found.failure
    }
    // Whoever comes back this way is a browser, whatever it says of itself.
    req.headers['x-gatehouse-client'] = 'browser'
    const how = { method: 'sign_on', secondFactor: null, remember: false } as const
    return (await entry.begin({ req, res }, found.value, how)) === null ? 'not_active' : null
  }

  const refused = (req: Request, schoolId: string, note: string) =>
    inSchool(db, schoolId, tx =>
      audit(tx, { schoolId, nowMs: nowMs(), by: nobodyOf(req) }, { action: 'session.refused', note }),
    )

  async function schoolWithSignOn(
    tenant: string,
  ): Promise<{ id: string; tenant: string; signOn: SignOn; client: IssuerClient } | null> {
    if (!TENANT.test(tenant)) return null
    const school = (await findSchools(db)).find(one => one.tenant === tenant)
    if (school === undefined) return null
    return inSchool(db, school.id, async tx => {
      const { signOn } = await signInRulesOf(tx, school.id)
      if (signOn === null) return null
      const clientSecret = await clientSecretOf(tx, vault, school.id)
      const client = { ...signOn, clientSecret, callbackUrl: callbackUrl(publicUrl, tenant) }
      return { id: school.id, tenant, signOn, client }
    })
  }

  return router
}
