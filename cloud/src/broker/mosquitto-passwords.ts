import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { inOrder } from './in-order.ts'

/** Mosquitto's own figure. The secrets are 32 random bytes: there is nothing to guess that more rounds would slow down. */
const ROUNDS = 101
const SALT_BYTES = 12
const HASH_BYTES = 64

const byFile = inOrder()

/**
 * Puts a name and its password into Mosquitto's `password_file`, in the place of the one it had. Mosquitto reads the
 * file again on SIGHUP; the hash is PBKDF2-SHA512, as `mosquitto_passwd` of 2.0 writes it.
 */
export function keepMosquittoPassword(file: string, name: string, password: string): Promise<void> {
  return byFile(file, async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const others = (await lines(file)).filter(line => !line.startsWith(`${name}:`))
    const fresh = `${file}.${process.pid}.new`
    await writeFile(fresh, `${[...others, `${name}:${hashed(password)}`].join('\n')}\n`, { mode: 0o600, flush: true })
    await rename(fresh, file)
  })
}

function hashed(password: string): string {
  const salt = randomBytes(SALT_BYTES)
  const hash = pbkdf2Sync(password, salt, ROUNDS, HASH_BYTES, 'sha512')
  return `$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`
}

async function lines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter(line => line !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Error(`cannot read Mosquitto's passwords in ${file}: ${(error as Error).message}`)
  }
}
