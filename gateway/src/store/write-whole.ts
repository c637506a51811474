import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file whole or not at all, also through a power cut: beside it, synced, renamed, and the folder synced. */
export function writeWhole(path: string, what: string | Uint8Array, mode = 0o644): void {
  const beside = `${path}.new`
  const file = openSync(beside, 'w', mode)
  try {
    writeFileSync(file, what)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** The same by threads that no scan waits for. */
export async function writeWholeAside(path: string, what: string | Uint8Array): Promise<void> {
  const beside = `${path}.new`
  await writeAside(beside, what)
  await rename(beside, path)
  await syncAside(dirname(path), 'r')
}

/** Writes a file that nothing names yet, durable when it resolves. */
export async function writeAside(path: string, what: string | Uint8Array): Promise<void> {
  await using file = await open(path, 'w')
  await file.writeFile(what)
  await file.sync()
}

/** What was written to it is durable when this resolves. */
export async function syncAside(path: string, flags: 'r' | 'r+' = 'r+'): Promise<void> {
  await using file = await open(path, flags)
  await file.sync()
}
