import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListHead } from '@gatehouse/shared/list/documents.ts'
import { z } from 'zod'

/** `in-force.json` names the folder of the list in force. */
const InForce = z.object({ name: z.string().regex(/^[0-9a-f-]{1,80}$/) })

export function readInForce(folder: string): string | null {
  const path = join(folder, 'in-force.json')
  if (!existsSync(path)) return null
  try {
    return InForce.parse(JSON.parse(readFileSync(path, 'utf8'))).name
  } catch (error) {
    throw new Error(`${path} says no list any more: delete the folder ${folder}, and the gate fetches its list anew`, {
      cause: error,
    })
  }
}

/** A list that is made anew from what is kept must not stand in the way of it. */
export function unusedName(folder: string, { epoch, version }: ListHead): string {
  for (let tries = 0; ; tries++) {
    const name = `${epoch}-${version}-${tries}`
    if (!existsSync(join(folder, name))) return name
  }
}

/** A database is its file, its log and its shared memory: one alone is another database. */
const PARTS = ['', '-wal', '-shm'] as const

export function setAside(folder: string, path: string): void {
  const to = join(folder, 'quarantine')
  // Only the last one is kept: it is for a person to look at, and must not fill the disk.
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, join(to, `rows.db${part}`))
}

/** Deletes what no longer is in force. */
export async function sweep(folder: string, name: string): Promise<void> {
  for (const entry of readdirSync(folder)) {
    if (![name, 'in-force.json', 'quarantine'].includes(entry))
      await rm(join(folder, entry), { recursive: true, force: true })
  }
}
