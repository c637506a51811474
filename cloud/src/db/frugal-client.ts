import type { Duplex } from 'node:stream'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/** The statement that turns a transaction to a school: it travels with the `begin` before it and the statement after it. */
export const TURN_TO_SCHOOL = `select set_config('app.school', $1, true)`

/** So many statements are prepared on a connection. */
const PREPARED_MAX = 100
/** So many are watched for coming again. */
const WATCHED_MAX = 2_000
/** From this time on a statement is worth being kept. */
const RECURS_AT = 3

/**
 * A pool whose connections spare the server work: `begin` and turning to a school wait for the first statement and travel
 * with it, one way and not three, and statements that come again and again are planned once a connection.
 * `direct`: no pooler of transactions is between, which knows neither. The pool's connections are made with `pipeline` then.
 */
export function frugalPool(pool: pg.Pool, { direct }: { readonly direct: boolean }): PostgresPool {
  const nameOf = direct ? recurring() : () => null
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? frugalClient(client, nameOf, direct)
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

function frugalClient(client: pg.PoolClient, nameOf: NameOf, pipelined: boolean): PostgresPoolClient {
  /** Said and not sent yet: a `begin`, and the school it is turned to. */
  let begins = false
  let school: string | null = null

  const ask = (text: string, values: readonly unknown[]) => {
    const name = nameOf(text)
    return client.query({ ...(name !== null && { name }), text, values: values as unknown[] })
  }

  const send = async (text: string, values: readonly unknown[]) => {
    if (!begins) return ask(text, values)
    if (text === TURN_TO_SCHOOL && school === null) {
      school = String(values[0])
      return { ...NOTHING, command: 'SELECT', rowCount: 1, rows: [{ set_config: school }] }
    }
    // Two statements in one message take no parameters.
    const turn = school === null ? '' : `; ${TURN_TO_SCHOOL.replace('$1', () => client.escapeLiteral(school!))}`
    begins = false
    school = null
    if (!pipelined) {
      await client.query(`begin${turn}`)
      return ask(text, values)
    }
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection
    stream.cork()
    const both = [client.query(`begin${turn}`), ask(text, values)] as const
    stream.uncork()
    const [begun, answered] = await Promise.allSettled(both)
    // Where the one fails the other does: a transaction that is broken takes nothing.
    if (begun.status === 'rejected') throw begun.reason
    if (answered.status === 'rejected') throw answered.reason
    return answered.value
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
        school = null
        return { ...NOTHING, command: text.toUpperCase() }
      }
      return send(text, values)
    },
    release(isBroken?: boolean) {
      // Who never said what was to be begun began nothing.
      begins = false
      school = null
      client.release(isBroken)
    },
  } as unknown as PostgresPoolClient
}

const NOTHING = { command: 'BEGIN', rowCount: 0, rows: [] as never[] }
