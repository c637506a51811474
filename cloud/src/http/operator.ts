import { timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Request } from 'express'
import { hashOf } from '../auth/secret-hash.ts'

/** Who reads meters and the words of errors: with a token its bearer; without one, who asks from this machine and not through a proxy. */
export function isOperator(req: Request, token: string | null): boolean {
  if (token !== null) {
    const [scheme, told, ...more] = (req.get('authorization') ?? '').split(' ')
    return scheme?.toLowerCase() === 'bearer' && told !== undefined && more.length === 0 && isSame(told, token)
  }
  const from = req.socket.remoteAddress ?? ''
  const address = from.replace(/^::ffff:/, '')
  const isHere = from === '::1' || (isIPv4(address) && address.startsWith('127.'))
  return isHere && ['x-forwarded-for', 'forwarded', 'x-real-ip'].every(name => req.get(name) === undefined)
}

function isSame(told: string, wanted: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(told)), Buffer.from(hashOf(wanted)))
}
