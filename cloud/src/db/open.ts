import type { Database } from './connect.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'
import type { OnQuery } from './queries.ts'

export type DatabaseChoice = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly databaseOwnerUrl: string | null
  readonly databaseDirectUrl?: string | null
  readonly databaseReplicaUrl?: string | null
}

/** PostgreSQL where there is a DATABASE_URL, else the embedded one in the data folder. */
export function openDatabase(
  { dataFolder, databaseUrl, databaseOwnerUrl, databaseDirectUrl, databaseReplicaUrl }: DatabaseChoice,
  onLost: (problem: Error) => void,
  onQuery?: OnQuery,
): Promise<Database> {
  if (databaseUrl === null) return openPglite({ folder: dataFolder, onQuery })
  return openPostgres({
    url: databaseUrl,
    ownerUrl: databaseOwnerUrl,
    directUrl: databaseDirectUrl ?? null,
    replicaUrl: databaseReplicaUrl ?? null,
    onLost,
    onQuery,
  })
}
