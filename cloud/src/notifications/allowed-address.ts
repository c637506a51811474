import { isIP } from 'node:net'
import { isPrivateAddress } from '../http/guarded-request.ts'
import type { Detail } from '../http/problem.ts'

/**
 * What is wrong with an address that somebody wants us to write to; null: nothing that can be seen before its name is
 * looked up, which is done for each request.
 */
export function objectionToAddress(path: string, address: string, allowPrivate: boolean): Detail | null {
  const { protocol, username, password, hostname } = new URL(address)
  if (username !== '' || password !== '') return { path, message: 'must have no user and no password in it' }
  if (allowPrivate) return null
  if (protocol !== 'https:') return { path, message: 'must begin with https://' }
  const host = hostname.replace(/^\[|\]$/g, '')
  const name = host.replace(/\.+$/, '')
  const isHere = name === 'localhost' || name.endsWith('.localhost') || (isIP(name) !== 0 && isPrivateAddress(name))
  return isHere ? { path, message: 'must be on the internet: this is a private address' } : null
}
