import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { find } from '../../../tools/needs.ts'
import { migrate } from '../db/migrate.ts'
import { asOwnerOf } from '../db/postgres.ts'
import { freePort } from './free-port.ts'
import { keptImage } from './kept-image.ts'

export type TestServer = {
  readonly port: number
  /** As the superuser of the cluster, to one of its databases. */
  url(database?: string, login?: string): string
  readonly pid: number
  stop(): Promise<void>
}

/** Of a machine that loses no power: a commit waits for no disk. A server that is killed keeps what it acknowledged all the same. */
const UNHURRIED_DISK = ['-c', 'fsync=off', '-c', 'full_page_writes=off']

const MIGRATED = 'gatehouse_migrated'

/**
 * A PostgreSQL of one's own: a cluster in a temporary folder, on a free port of 127.0.0.1, no Unix socket. It is a copy of
 * one that was made once on this machine and knows the roles and the migrations. `asInstalled`: it knows nothing yet.
 * `asInSchools`: it waits for the disk, and has the memory of a server with a gigabyte.
 */
export async function startPostgres({ asInstalled = false, asInSchools = false } = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  const data = join(folder, 'data')
  if (process.getuid?.() === 0) chownSync(folder, ...postgresIds())
  if (asInstalled) makeCluster(data)
  else execFileSync('cp', ['-a', await keptImage('postgres', [new URL(import.meta.url)], makeImage), data])
  const settings = asInSchools ? ['-c', 'shared_buffers=256MB'] : ['-c', 'shared_buffers=32MB', ...UNHURRIED_DISK]
  const server = await serve(data, settings)
  return {
    ...server,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A cluster with the roles a site would make and one migrated database, stopped. */
async function makeImage(data: string): Promise<void> {
  makeCluster(data)
  const server = await serve(data, UNHURRIED_DISK)
  try {
    await asSuperuser(
      server,
      `create role owner login createrole`,
      `create role app login`,
      `create role gatehouse_app nologin`,
      `create role gatehouse_definer nologin`,
      `grant gatehouse_app, gatehouse_definer to owner with admin option`,
      `grant gatehouse_app to app`,
      `create database ${MIGRATED} owner owner`,
    )
    await asOwnerOf(server.url(MIGRATED, 'owner'), sql => migrate(sql))
  } finally {
    await server.stop()
  }
}

function makeCluster(data: string): void {
  mkdirSync(data, { mode: 0o700 })
  if (process.getuid?.() === 0) chownSync(data, ...postgresIds())
  const initdb = join(dirname(program()), 'initdb')
  const [init, initArgs] = asPostgres(
    ...([initdb, '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'] as const),
  )
  execFileSync(init, initArgs, { stdio: 'ignore', cwd: '/' })
}

async function serve(data: string, settings: readonly string[]): Promise<TestServer> {
  const port = await freePort()
  const [start, startArgs] = asPostgres(
    ...[program(), '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
    ...['-c', 'unix_socket_directories=', '-c', 'max_connections=60', ...settings],
  )
  const child = spawn(start, startArgs, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' })
  await untilReady(child)
  return {
    port,
    url: (database = 'postgres', login = 'postgres') => `postgres://${login}@127.0.0.1:${port}/${database}`,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null) return
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGINT')
      await ended
    },
  }
}

let databases = 0

/** A new database in the cluster, migrated or empty, for the two logins a site would make: `owner` and `app`. */
export async function createDatabase(
  server: TestServer,
  { migrated = true } = {},
): Promise<{ url: string; ownerUrl: string }> {
  const name = `gatehouse_${process.pid}_${++databases}`
  const from = migrated ? `template ${MIGRATED} strategy file_copy` : ''
  await asSuperuser(server, `create database ${name} owner owner ${from}`)
  return { url: server.url(name, 'app'), ownerUrl: server.url(name, 'owner') }
}

async function asSuperuser(server: TestServer, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

function program(): string {
  const found = find('postgres')
  if (found === null) throw new Error('postgres is not installed; ask needs() first')
  return found
}

/** The server refuses to run as root, and Debian's package brings the user it should run as. */
function asPostgres(command: string, ...args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]]
  const [uid, gid] = postgresIds()
  return ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', command, ...args]]
}

function postgresIds(): [uid: number, gid: number] {
  const [uid, gid] = ['-u', '-g'].map(which => Number(execFileSync('id', [which, 'postgres']).toString()))
  return [uid!, gid!]
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', code => reject(new Error(`postgres ended with ${code}: ${said}`)))
    child.stderr!.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-4000)
      if (said.includes('database system is ready to accept connections')) resolve()
    })
  })
}
