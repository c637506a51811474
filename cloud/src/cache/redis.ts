import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Log } from '../broker/broker.ts'
import { said } from '../http/log.ts'

export type Host = { readonly host: string; readonly port: number }

export type RedisChoice = {
  /** `redis://` or `rediss://` with user, password and database. Of a cluster one node; beside sentinels only what is not the host. */
  readonly url: string
  /** Who knows which server is the one to write to; empty: the URL says it. */
  readonly sentinels: readonly Host[]
  /** What the sentinels call it. */
  readonly sentinelName: string
  /** Further nodes to begin with; null: no cluster. */
  readonly cluster: readonly Host[] | null
  /** PEM file with the authority of the certificates; null: the ones the system trusts. */
  readonly caFile: string | null
}

/** One connection, or one to each node of a cluster. */
export type RedisLine = {
  /** Fails at once while there is no connection: what could not be said in time is stale. */
  command(first: string, ...words: readonly (string | number)[]): Promise<unknown>
  /** A line that hears does nothing else. It hears again by itself when the connection comes back. */
  hear(channel: string, heard: (text: string) => void): Promise<void>
  /** Whether a command would be sent now. */
  isOpen(): boolean
  /** The connection was lost, or made again. */
  onTurned(turned: (isOpen: boolean) => void): void
  close(): void
}

const CONNECT_MS_MAX = 5_000
/** Without an answer by then the server hangs, and nobody waits for it. */
const COMMAND_MS_MAX = 1_000
const AGAIN_MS_MAX = 2_000

/** Opens a line to Redis, whichever way it is run; throws a sentence that says where there was none. The one file that knows `ioredis`. */
export async function openRedis(choice: RedisChoice, name: string, log: Log): Promise<RedisLine> {
  const client = clientOf(choice, name)
  client.on('error', (problem: Error) => log.warn({ line: name, problem: said(problem) }, 'redis.error'))
  try {
    await withinTime(client.connect())
  } catch (problem) {
    client.disconnect()
    throw new Error(`no connection to Redis at ${placesOf(choice)} (${wordsOf(problem)}). Check REDIS_URL.`)
  }
  return {
    command: (first, ...words) => send(client, String(first), words.map(String)),
    async hear(channel, heard) {
      client.on('message', (from: string, text: string) => {
        if (from === channel) heard(text)
      })
      await client.subscribe(channel)
    },
    isOpen: () => client.status === 'ready',
    onTurned(turned) {
      client.on('ready', () => turned(true))
      client.on('close', () => turned(false))
    },
    close: () => client.disconnect(),
  }
}

/** Where there are sentinels, or nodes, each is asked again and again. */
async function withinTime(connecting: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CONNECT_MS_MAX} ms`)), CONNECT_MS_MAX)
  })
  try {
    await Promise.race([connecting, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A script that was loaded at one node of a cluster is not known at another. */
async function send(client: Redis | Cluster, first: string, words: readonly string[]): Promise<unknown> {
  if (client instanceof Cluster && first.toUpperCase() === 'SCRIPT') {
    const told = await Promise.all(client.nodes('master').map(node => node.call(first, ...words)))
    return told[0]
  }
  return client.call(first, ...words)
}

function clientOf({ url, sentinels, sentinelName, cluster, caFile }: RedisChoice, name: string): Redis | Cluster {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  const tls =
    protocol === 'rediss:'
      ? {
          ...(caFile !== null && { ca: readFileSync(caFile, 'utf8') }),
          ...(isIP(hostname) === 0 && { servername: hostname }),
        }
      : null
  const shared = {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(tls !== null && { tls }),
    connectionName: `gatehouse-${name}`,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: COMMAND_MS_MAX,
    maxRetriesPerRequest: 1,
  } satisfies RedisOptions
  const again = (times: number) => Math.min(times * 100, AGAIN_MS_MAX)
  const here: Host = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }

  if (cluster !== null) {
    return new Cluster([here, ...cluster], {
      enableOfflineQueue: false,
      lazyConnect: true,
      clusterRetryStrategy: again,
      // The nodes' addresses are in no certificate; the name in the URL is.
      ...(tls !== null && { dnsLookup: (address, done) => done(null, address) }),
      redisOptions: shared,
    })
  }
  const one = {
    ...shared,
    db: Number(pathname.slice(1) || 0),
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: again,
  }
  if (sentinels.length === 0) return new Redis({ ...one, ...here })
  return new Redis({
    ...one,
    sentinels: [...sentinels],
    name: sentinelName,
    sentinelRetryStrategy: again,
    ...(tls !== null && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
    // A server that became a replica refuses to write: look who is the one now.
    reconnectOnError: problem => problem.message.startsWith('READONLY') && 2,
  })
}

function placesOf({ url, sentinels, cluster }: RedisChoice): string {
  const hosts = [...sentinels, ...(cluster ?? [])].map(({ host, port }) => `${host}:${port}`)
  if (sentinels.length > 0) return `the sentinels ${hosts.join(', ')}`
  return [new URL(url).host, ...hosts].join(', ')
}

const wordsOf = (problem: unknown) => (problem instanceof Error ? problem.message : String(problem))
