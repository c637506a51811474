import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export const MASTER_KEY_BYTES = 32

/** The key that seals all others: from the configuration, else made once in the data folder, readable by its owner only. */
export function masterKey({ dataFolder, masterKey }: { dataFolder: string; masterKey: string | null }): Buffer {
  const text = masterKey ?? keptKey(dataFolder)
  const key = Buffer.from(text, 'base64url')
  if (key.length !== MASTER_KEY_BYTES) {
    throw new Error(
      `the master key in ${dataFolder} is damaged; put it back from a backup, or nothing sealed can be read.`,
    )
  }
  return key
}

function keptKey(folder: string): string {
  const path = join(folder, 'master.key')
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const half = `${path}.${process.pid}`
  const file = openSync(half, 'wx', 0o600)
  writeSync(file, `${randomBytes(MASTER_KEY_BYTES).toString('base64url')}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    // A link, not a rename: of two processes that begin at once the first one's key stands.
    linkSync(half, path)
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem
  } finally {
    unlinkSync(half)
  }
  return readFileSync(path, 'utf8').trim()
}
