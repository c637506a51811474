import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database, Sql } from './connect.ts'
import { frugalPool } from './frugal-client.ts'
import { migrate, requireCurrent } from './migrate.ts'
import { plainTime } from './plain-time.ts'
import { type OnQuery, toldTo } from './queries.ts'
import type { Tables } from './tables.ts'

/** Same types out of both engines. bigint is text and bytea a Buffer already; a date must not become a local midnight. */
pg.types.setTypeParser(pg.types.builtins.DATE, text => text)

const anyTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => unknown
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, text => plainTime(text) ?? anyTime(text))

const POOL_MAX = 10
const ACQUIRE_MS_MAX = 5_000
const IDLE_MS_MAX = 30_000
const STATEMENT_MS_MAX = 15_000

export type PostgresOptions = {
  /** The runtime login. */
  readonly url: string
  /** The owner's login; null where migrations are run by somebody else beforehand. */
  readonly ownerUrl: string | null
  /** The way around PgBouncer: listening needs a connection of its own. Null: there is nothing to go around. */
  readonly directUrl?: string | null
  /** A copy that follows, with the same login; null: there is none. */
  readonly replicaUrl?: string | null
  /** A connection broke while idle; the pool makes another. */
  readonly onLost?: (problem: Error) => void
  readonly onQuery?: OnQuery | undefined
}

/** Opens PostgreSQL, brings its schema up to date, and refuses a login or a setting that would not keep its promises. */
export async function openPostgres({
  url,
  ownerUrl,
  directUrl = null,
  replicaUrl = null,
  onLost = () => {},
  onQuery,
}: PostgresOptions): Promise<Database> {
  if (ownerUrl !== null) await asOwnerOf(ownerUrl, sql => migrate(sql))
  // PgBouncer refuses connections that bring settings: behind it the login has the time limit.
  const limited = directUrl === null
  const pools = [openPool(url, limited, onLost)]
  if (replicaUrl !== null) pools.push(openPool(replicaUrl, limited, onLost))
  try {
    for (const pool of pools) await refuseUnsafe(pool)
  } catch (problem) {
    await Promise.all(pools.map(pool => pool.end()))
    throw isOfPgBouncer(problem) ? new Error(THROUGH_PGBOUNCER) : problem
  }
  const log = toldTo(onQuery)
  const [db, replica] = pools.map(
    pool =>
      new Kysely<Tables>({
        // Behind PgBouncer what was prepared is on another connection, and it answers one statement after the other.
        dialect: new PostgresDialect({ pool: frugalPool(pool, { direct: limited }) }),
        ...(log !== undefined && { log }),
      }),
  )
  const ownWay = directUrl ?? url
  return {
    engine: 'postgres',
    db: db!,
    replica: replica ?? db!,
    queueAccess: { url: ownWay },
    asOwner: work => {
      if (ownerUrl === null) throw new Error('DATABASE_OWNER_URL is not set, and this needs the owner of the tables.')
      return asOwnerOf(ownerUrl, work)
    },
    listen: (channel, heard) => listen(ownWay, channel, heard, onLost),
    async [Symbol.asyncDispose]() {
      await Promise.all([db!.destroy(), replica?.destroy()])
    },
  }
}

const THROUGH_PGBOUNCER =
  'DATABASE_URL goes through PgBouncer, which takes no settings with a connection and lets nobody listen. ' +
  'Set DATABASE_DIRECT_URL to the way around it, and the time limit of statements on the login: docs/running-the-cloud.md.'

/** Its words for what only a server of one's own can be told. */
function isOfPgBouncer(problem: unknown): boolean {
  return problem instanceof Error && problem.message.includes('unsupported startup parameter')
}

function openPool(url: string, limited: boolean, onLost: (problem: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_MAX,
    connectionTimeoutMillis: ACQUIRE_MS_MAX,
    idleTimeoutMillis: IDLE_MS_MAX,
    ...(limited && { statement_timeout: STATEMENT_MS_MAX, pipeline: true }),
    application_name: 'gatehouse',
  })
  return pool.on('error', onLost)
}

/** Runs `work` on a connection of its own, in one transaction. */
export async function asOwnerOf<Answer>(ownerUrl: string, work: (sql: Sql) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'gatehouse-owner' })
  await client.connect()
  try {
    const sql: Sql = {
      run: async text => void (await client.query(text)),
      rows: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows as Row[],
    }
    await client.query('begin')
    const answer = await work(sql)
    await client.query('commit')
    return answer
  } finally {
    await client.end()
  }
}

/** A login that owns tables or bypasses policies would see every school; synchronous_commit=off loses acknowledged rows. */
async function refuseUnsafe(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{
    login: string
    powerful: boolean
    owns: string
    commit: string
    member: boolean
  }>(`
    select current_user as login,
      (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as powerful,
      (select count(*) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = 'public' and relkind in ('r', 'p') and pg_has_role(current_user, relowner, 'member')) as owns,
      current_setting('synchronous_commit') as commit,
      (select coalesce(bool_or(pg_has_role(current_user, oid, 'usage')), false) from pg_roles where rolname = 'gatehouse_app') as member`)
  const { login, powerful, owns, commit, member } = rows[0]!
  if (powerful || owns !== '0') {
    throw new Error(
      `the database login ${login} in DATABASE_URL ${powerful ? 'bypasses row-level security' : 'owns tables'}, so it would see every school. ` +
        'Give the service a login of its own that is only a member of gatehouse_app; DATABASE_OWNER_URL is for the owner.',
    )
  }
  if (!member) {
    throw new Error(`the database login ${login} may not use the tables. Run: grant gatehouse_app to "${login}"`)
  }
  if (commit !== 'on') {
    throw new Error(
      `synchronous_commit is ${commit}: a crash would lose events that were acknowledged. Set it to on in postgresql.conf.`,
    )
  }
  await requireCurrent({
    run: async text => void (await pool.query(text)),
    rows: async <Row>(text: string) => (await pool.query(text)).rows as Row[],
  })
}

const LISTEN_AGAIN_MS = 1_000

/** On a connection of its own, made again when it is lost. What was missed meanwhile is found by looking. */
async function listen(
  url: string,
  channel: string,
  heard: (payload: string) => void,
  onLost: (problem: Error) => void,
) {
  let client: pg.Client | null = null
  let again: NodeJS.Timeout | null = null
  let stopped = false

  const open = async () => {
    const opening = new pg.Client({ connectionString: url, application_name: 'gatehouse-listen', keepAlive: true })
    opening.on('notification', ({ payload }) => heard(payload ?? ''))
    opening.on('error', onLost)
    opening.on('end', () => {
      if (!stopped) again = setTimeout(() => void open().catch(onLost), LISTEN_AGAIN_MS)
    })
    client = opening
    await opening.connect()
    await opening.query(`listen "${channel}"`)
    heard('')
  }
  await open()
  return async () => {
    stopped = true
    if (again !== null) clearTimeout(again)
    await client?.end()
  }
}
