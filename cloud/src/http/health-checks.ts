import { statfs } from 'node:fs/promises'
import { sql } from 'kysely'
import type { Db } from '../db/tables.ts'
import type { Check } from './health.ts'
import { keptFor } from './kept-for.ts'

/** A mail server that is asked every second thinks it is attacked. */
const MAIL_KEPT_MS = 60_000
/** A bucket costs by the question. */
const FILES_KEPT_MS = 10_000
/** Jobs are looked for every second; a minute without is a queue that does not move. */
const JOBS_MS_MAX = 60_000
/** The smaller of the two: a disk of 4 TB with 3 % left has room. */
const DISK_FREE_MIN = { part: 0.05, bytes: 1_000_000_000 }

export type ChecksNeeds = {
  readonly db: Db
  readonly brokerIsUp: () => boolean
  /** Null: there is none, or this process has nothing to do with it. */
  readonly redis: (() => Promise<unknown>) | null
  readonly mail: (() => Promise<unknown>) | null
  /** Whether a file could be kept now. */
  readonly files: () => Promise<unknown>
  /** Null: there is none. */
  readonly scanner: (() => Promise<unknown>) | null
  /** Since when no job could be looked for. */
  readonly jobsStuckMs: (() => number) | null
  readonly dataFolder: string
}

/** Without the database and the broker nothing here works; without the others most does. */
export function healthChecks({
  db,
  brokerIsUp,
  redis,
  mail,
  files,
  scanner,
  jobsStuckMs,
  dataFolder,
}: ChecksNeeds): Check[] {
  const optional = (name: string, run: (() => Promise<unknown>) | null): Check[] =>
    run === null ? [] : [{ name, critical: false, run }]
  return [
    { name: 'database', critical: true, run: () => sql`select 1`.execute(db) },
    { name: 'broker', critical: true, run: async () => must(brokerIsUp(), 'there is no connection to the broker') },
    ...optional('redis', redis),
    ...optional('mail', mail && keptFor(MAIL_KEPT_MS, mail)),
    ...optional('files', keptFor(FILES_KEPT_MS, files)),
    ...optional('scanner', scanner && keptFor(FILES_KEPT_MS, scanner)),
    ...optional('jobs', jobsStuckMs && (() => notStuck(jobsStuckMs()))),
    { name: 'disk', critical: false, run: () => hasRoom(dataFolder) },
  ]
}

async function notStuck(ms: number): Promise<void> {
  must(ms < JOBS_MS_MAX, `no job could be looked for in ${Math.round(ms / 1000)} s`)
}

export async function hasRoom(folder: string, read: typeof statfs = statfs): Promise<void> {
  const { bavail, blocks, bsize } = await read(folder)
  const wanted = Math.min(blocks * bsize * DISK_FREE_MIN.part, DISK_FREE_MIN.bytes)
  must(bavail * bsize >= wanted, `${Math.round((bavail * bsize) / 1e6)} MB are left on the disk of the data folder`)
}

function must(holds: boolean, words: string): void {
  if (!holds) throw new Error(words)
}
