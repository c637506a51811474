import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { find } from '../../../tools/needs.ts'
import { freePort } from './free-port.ts'

/** The test file that every scanner knows (eicar.org), in two parts: whole, a scanner on this machine would take this file away. */
export const EICAR = `${'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR'}${'-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`

export type TestClamd = AsyncDisposable & {
  /** Over TCP. */
  readonly url: string
  /** Over its socket. */
  readonly socketUrl: string
  /** Hangs: connections are taken, answers do not come. */
  freeze(): void
  thaw(): void
}

/** A clamd of one's own that knows EICAR and nothing else. */
export async function startClamd(): Promise<TestClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clamd-'))
  const port = await freePort()
  const socket = join(folder, 'clamd.sock')
  const signatures = join(folder, 'signatures')
  mkdirSync(signatures)
  writeFileSync(join(signatures, 'gatehouse.ndb'), `Gatehouse.Test.EICAR:0:*:${Buffer.from(EICAR).toString('hex')}\n`)
  const settings = {
    Foreground: 'yes',
    DatabaseDirectory: signatures,
    TCPSocket: port,
    TCPAddr: '127.0.0.1',
    LocalSocket: socket,
    TemporaryDirectory: folder,
    LogTime: 'no',
  }
  const file = join(folder, 'clamd.conf')
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  )
  const server = spawn(find('clamd')!, ['--config-file', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const told: string[] = []
  server.stderr.on('data', (bytes: Buffer) => told.push(String(bytes)))
  const ended = once(server, 'exit')
  const ready = (async () => {
    for await (const line of createInterface({ input: server.stdout })) {
      told.push(line)
      if (/Self checking every|Not selfchecking|SelfCheck/i.test(line)) break
    }
  })()
  await Promise.race([
    ready,
    ended.then(([code]) => {
      throw new Error(`clamd ended with ${code}: ${told.join('\n')}`)
    }),
  ])
  server.stdout.resume()
  return {
    url: `tcp://127.0.0.1:${port}`,
    socketUrl: `unix://${socket}`,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGCONT')
        server.kill('SIGTERM')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
