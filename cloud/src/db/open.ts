import type { Database } from './connect.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'

export type DatabaseChoice = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly databaseOwnerUrl: string | null
}

/** PostgreSQL where there is a DATABASE_URL, else the embedded one in the data folder. */
export function openDatabase(
  { dataFolder, databaseUrl, databaseOwnerUrl }: DatabaseChoice,
  onLost: (problem: Error) => void,
): Promise<Database> {
  if (databaseUrl === null) return openPglite({ folder: dataFolder })
  return openPostgres({ url: databaseUrl, ownerUrl: databaseOwnerUrl, onLost })
}
