import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** Writes a file whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const half = `${path}.${process.pid}.half`
  const file = openSync(half, 'w', 0o600)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  renameSync(half, path)
}
