import type { RequestHandler } from 'express'
import { knowsPlace } from '../db/definer.ts'
import type { Db } from '../db/tables.ts'
import { noText } from '../http/no-text.ts'
import type { Cookies } from './cookies.ts'
import { placeOf } from './place.ts'

/**
 * In front of the limits of signing in: says in `res.locals.knownPlace` where an account was signed in from before. Such
 * a place has a count of its own, so that who hammers on the account from elsewhere does not lock its owner out. The
 * same question is asked for an account that nobody has.
 */
export function knownPlace(db: Db, cookies: Cookies): RequestHandler {
  return async (req, res, next) => {
    const email: unknown = req.body?.email
    const { address, deviceHash } = placeOf(req, cookies)
    if (typeof email === 'string' && email.length <= 254 && noText(email).length === 0 && address !== null) {
      const known = await knowsPlace(db, email.trim(), { address, deviceHash })
      // Only what was really known: whoever makes up cookies makes no counts.
      if (known !== null) res.locals.knownPlace = known === 'device' ? deviceHash : address
    }
    next()
  }
}
