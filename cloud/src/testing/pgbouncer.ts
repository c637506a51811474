import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { find } from '../../../tools/needs.ts'
import { freePort } from './free-port.ts'

export type TestBouncer = {
  /** The same database, through the pool. */
  through(url: string): string
  stop(): Promise<void>
}

/** A PgBouncer of one's own in front of a PostgreSQL, in transaction mode, with so many connections to it for each login. */
export async function startPgBouncer(postgresPort: number, connections: number): Promise<TestBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pgbouncer-'))
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users.txt')
  writeFileSync(users, '"app" ""\n')
  writeFileSync(
    file,
    `[databases]
* = host=127.0.0.1 port=${postgresPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
`,
  )
  // It refuses to run as root, and gives the rights away itself where it is told to whom.
  const asWhom = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  chmodSync(folder, 0o755)
  const server = spawn(find('pgbouncer')!, [...asWhom, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  await new Promise<void>((resolve, reject) => {
    let told = ''
    server.once('exit', code => reject(new Error(`pgbouncer ended with ${code}: ${told}`)))
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        told = (told + bytes).slice(-4_000)
        if (told.includes('process up')) resolve()
      })
    }
  })
  return {
    through(url) {
      const pooled = new URL(url)
      pooled.port = String(port)
      return pooled.href
    },
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = new Promise(resolve => server.once('exit', resolve))
        server.kill('SIGTERM')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
