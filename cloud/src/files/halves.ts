import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A file that grows until it is whole; its name says nothing. */
export type Half = { readonly path: string; drop(): Promise<void> }

/** Writes `bytes` into a new file of the folder, down to the disk. When they break off, the file is gone. */
export async function writeHalf(folder: string, bytes: AsyncIterable<Uint8Array>): Promise<Half> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, randomUUID())
  const drop = () => rm(path, { force: true })
  try {
    await pipeline(bytes, createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true }))
    return { path, drop }
  } catch (problem) {
    await drop()
    throw problem
  }
}

/** Removes what a process that was killed left half written. */
export async function forgetHalvesIn(folder: string, before: Date): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found !== null && found.mtime < before) await rm(path, { force: true })
  }
}

/** A folder that is not there is empty. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

export const isMissing = (problem: unknown) => (problem as { code?: unknown }).code === 'ENOENT'
