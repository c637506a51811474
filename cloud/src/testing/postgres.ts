import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { find } from '../../../tools/needs.ts'
import { freePort } from './free-port.ts'

export type TestServer = {
  readonly port: number
  /** As the superuser of the cluster, to one of its databases. */
  url(database?: string, login?: string): string
  readonly pid: number
  stop(): Promise<void>
}

/** A PostgreSQL of one's own: a new cluster in a temporary folder, on a free port of 127.0.0.1, no Unix socket. */
export async function startPostgres({ sharedBuffers = '32MB' } = {}): Promise<TestServer> {
  const server = find('postgres')
  if (server === null) throw new Error('postgres is not installed; ask needs() first')
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  const data = join(folder, 'data')
  // The server refuses to run as root, and Debian's package brings the user it should run as.
  const [wrapper, ...wrapped] = asPostgres(folder)
  const run = (program: string, ...args: string[]): [string, string[]] =>
    wrapper === undefined ? [program, args] : [wrapper, [...wrapped, program, ...args]]

  const initdb = join(dirname(server), 'initdb')
  const [init, initArgs] = run(initdb, '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N')
  execFileSync(init, initArgs, { stdio: 'ignore', cwd: folder })

  const port = await freePort()
  const [start, startArgs] = run(
    server,
    ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...['-c', 'max_connections=60', '-c', `shared_buffers=${sharedBuffers}`],
  )
  const child = spawn(start, startArgs, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  const url = (database = 'postgres', login = 'postgres') => `postgres://${login}@127.0.0.1:${port}/${database}`
  await untilReady(child)
  return {
    port,
    url,
    pid: child.pid!,
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise(resolve => child.once('exit', resolve))
        child.kill('SIGINT')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

let databases = 0

/** A new database in the cluster with the two logins a site would make: `owner` and `app`. */
export async function createDatabase(server: TestServer): Promise<{ url: string; ownerUrl: string }> {
  const name = `gatehouse_${process.pid}_${++databases}`
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  await client.query(`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'owner') then
        create role owner login createrole;
        create role app login;
        create role gatehouse_app nologin;
        create role gatehouse_definer nologin;
        grant gatehouse_app, gatehouse_definer to owner with admin option;
        grant gatehouse_app to app;
      end if;
    end $$`)
  await client.query(`create database ${name} owner owner`)
  await client.end()
  return { url: server.url(name, 'app'), ownerUrl: server.url(name, 'owner') }
}

function asPostgres(folder: string): string[] {
  if (process.getuid?.() !== 0) return []
  const uid = Number(execFileSync('id', ['-u', 'postgres']).toString())
  const gid = Number(execFileSync('id', ['-g', 'postgres']).toString())
  chownSync(folder, uid, gid)
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--']
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
