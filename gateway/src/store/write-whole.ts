import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
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
