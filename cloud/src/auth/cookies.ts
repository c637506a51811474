import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { hashOf } from './secret-hash.ts'
import { REFRESH_MS } from './sessions.repo.ts'

/**
 * `host`: over TLS, `__Host-` names (RFC 6265bis section 4.1.3.2), which no neighbour under the same domain can set.
 * `plain`: on this machine only, where browsers refuse Secure without TLS. `none`: without TLS over a network no cookie
 * is safe, so there is none, and who signs in keeps the short token only.
 */
export type CookieKind = 'host' | 'plain' | 'none'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname)
}

export function cookieKind(publicUrl: string): CookieKind {
  if (publicUrl.startsWith('https:')) return 'host'
  return isLoopback(publicUrl) ? 'plain' : 'none'
}

export type Cookies = ReturnType<typeof cookies>

const DEVICE_MS = 400 * 86_400_000
export const SIGN_ON_MS = 10 * 60_000

/** The cookies of a browser: its refresh token, which browser it is, and what binds a sign-on to it. */
export function cookies(kind: CookieKind) {
  const refresh = cookie('refresh', kind, 'strict')
  const device = cookie('device', kind, 'strict')
  const signOn = cookie('sign_on', kind, 'lax')
  const former = { httpOnly: true, sameSite: 'strict', path: '/api/v1/auth', secure: kind === 'host' } as const
  const forget = (res: Response) => {
    res.clearCookie(kind === 'host' ? '__Secure-gatehouse_refresh' : 'gatehouse_refresh', former)
  }
  return {
    /** False: this browser can be given none. */
    serves: kind !== 'none',
    refresh: {
      set(res: Response, token: string, remember: boolean) {
        forget(res)
        refresh.set(res, token, remember ? REFRESH_MS : null)
      },
      clear(res: Response) {
        forget(res)
        refresh.clear(res)
      },
      read: refresh.read,
    },
    device: {
      /** SHA-256 of the browser's own number; null: it has none yet. */
      hash: (req: Request) => hashed(device.read(req)),
      /** Gives the browser a number where it has none, and answers its hash. */
      know(req: Request, res: Response): string | null {
        if (kind === 'none') return null
        const token = device.read(req) ?? randomBytes(32).toString('base64url')
        device.set(res, token, DEVICE_MS)
        return hashed(token)
      },
    },
    /** Lax: the issuer sends the browser back from another site. */
    signOn: {
      set: (res: Response, token: string) => signOn.set(res, token, SIGN_ON_MS),
      clear: signOn.clear,
      read: signOn.read,
    },
  }
}

function hashed(token: string | null): string | null {
  return token === null ? null : hashOf(token)
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/

function cookie(what: string, kind: CookieKind, sameSite: 'strict' | 'lax') {
  const name = kind === 'host' ? `__Host-gatehouse_${what}` : `gatehouse_${what}`
  const options = { httpOnly: true, sameSite, path: '/', secure: kind === 'host' } as const
  return {
    /** `maxAgeMs` null: until the browser is closed. */
    set(res: Response, token: string, maxAgeMs: number | null) {
      if (kind !== 'none') res.cookie(name, token, { ...options, ...(maxAgeMs !== null && { maxAge: maxAgeMs }) })
    },
    clear(res: Response) {
      if (kind !== 'none') res.clearCookie(name, options)
    },
    read(req: Request): string | null {
      if (kind === 'none') return null
      for (const part of (req.get('cookie') ?? '').split(';')) {
        const [key, value] = part.trim().split('=')
        if (key === name && value !== undefined && TOKEN.test(value)) return value
      }
      return null
    },
  }
}
