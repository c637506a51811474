import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'

/** The statement that turns a transaction to a school: it travels together with the `begin` before it. */
export const TURN_TO_SCHOOL = `select set_config('app.school', $1, true)`

/** So many statements are prepared on a connection. */
const PREPARED_MAX = 100
/** So many are watched for coming again. */
const WATCHED_MAX = 2_000
/** From this time on a statement is worth being kept. */
const RECURS_AT = 3

/**
 * A pool whose connections spare the server work: `begin` waits for what it begins with, so that turning to a school
 * is one way and not two, and statements that come again and again are planned once a connection.
 */
export function frugalPool(pool: pg.Pool, { prepares }: { readonly prepares: boolean }): PostgresPool {
  const nameOf = prepares ? recurring() : () => null
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? frugalClient(client, nameOf)
      clients.set(client, known)
      return known
    },
  }
}

type NameOf = (text: string) => string | null

/** Names for statements that recur: the first hundred of the process. Where they all have places, the rest is planned as ever. */
export function recurring(): NameOf {
  const seen = new Map<string, number>()
  const names = new Map<string, string>()
  return text => {
    const known = names.get(text)
    if (known !== undefined) return known
    if (names.size >= PREPARED_MAX || !isSteady(text)) return null
    const times = (seen.get(text) ?? 0) + 1
    if (times < RECURS_AT) {
      if (seen.size >= WATCHED_MAX) seen.delete(seen.keys().next().value!)
      seen.set(text, times)
      return null
    }
    seen.delete(text)
    const name = `recurring_${names.size}`
    names.set(text, name)
    return name
  }
}

/** A plan of `select *` breaks when a migration adds a column while the connection is open. */
function isSteady(text: string): boolean {
  return (
    /^\s*(select|insert|update|delete|with)\b/i.test(text) && !/(?:select|returning|,)\s+(?:"\w+"\.)?\*/i.test(text)
  )
}

function frugalClient(client: pg.PoolClient, nameOf: NameOf): PostgresPoolClient {
  let begins = false

  const send = async (text: string, values: readonly unknown[]) => {
    if (begins) {
      begins = false
      if (text === TURN_TO_SCHOOL) {
        // Two statements in one message take no parameters.
        const school = pg.escapeLiteral(String(values[0]))
        const both = (await client.query(
          `begin; ${TURN_TO_SCHOOL.replace('$1', school)}`,
        )) as unknown as pg.QueryResult[]
        return both[1]!
      }
      await client.query('begin')
    }
    const name = nameOf(text)
    return client.query({ ...(name !== null && { name }), text, values: values as unknown[] })
  }

  return {
    get processID() {
      return (client as { processID?: number }).processID
    },
    async query(text: string, values: readonly unknown[] = []) {
      if (text === 'begin') {
        begins = true
        return NOTHING
      }
      if (begins && (text === 'commit' || text === 'rollback')) {
        begins = false
        return { ...NOTHING, command: text.toUpperCase() }
      }
      return send(text, values)
    },
    release(isBroken?: boolean) {
      // Who never said what was to be begun began nothing.
      begins = false
      client.release(isBroken)
    },
  } as unknown as PostgresPoolClient
}

const NOTHING = { command: 'BEGIN', rowCount: 0, rows: [] as never[] }
