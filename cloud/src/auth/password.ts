import { hash, verify } from '@node-rs/argon2'

/** argon2id as OWASP has it. `Algorithm` is a const enum, which does not exist at run time: 2 is Argon2id, the default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** One hash takes a core for a moment, and everybody can ask for one. What waits beyond this is turned away. */
const WAITING_MAX = 100

/** In `password_hash` of somebody who has none: whoever was invited, or signs on elsewhere. */
export const NO_PASSWORD = ''

export type Passwords = {
  hash(password: string): Promise<string>
  /** `hash` null: there is no such user, or no password of theirs; the same work is done and the answer is no. `busy`: too many are waiting. */
  verify(hash: string | null, password: string): Promise<boolean | 'busy'>
}

/** Hashes a few at a time. */
export function openPasswords({ atOnceMax = 2 }: { readonly atOnceMax?: number } = {}): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  /** Of no password anybody has. */
  const nobody = hash(crypto.randomUUID(), COST)

  const turn = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (running >= atOnceMax) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    hash: password => turn(() => hash(password, COST)),
    async verify(kept, password) {
      if (waiting.length >= WAITING_MAX) return 'busy'
      const has = kept !== null && kept !== NO_PASSWORD
      const against = has ? kept : await nobody
      const same = await turn(() => verify(against, password))
      return same && has
    },
  }
}
