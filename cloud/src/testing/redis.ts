import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { find } from '../../../tools/needs.ts'
import type { RedisChoice } from '../cache/redis.ts'
import { freePort } from './free-port.ts'

export type TestRedis = {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
  /** As a crash: nothing is said to anybody. */
  kill(): Promise<void>
  /** Hangs: connections stay, answers do not come. */
  freeze(): void
  thaw(): void
}

export type TestRedisOptions = {
  readonly port?: number
  /** Further words on the command line; the port's own are left out where they say `tls-port`. */
  readonly words?: readonly string[]
  readonly tls?: boolean
}

/** A Redis of one's own that keeps nothing. */
export async function startRedis(
  folder: string,
  { port, words = [], tls = false }: TestRedisOptions = {},
): Promise<TestRedis> {
  const at = port ?? (await freePort())
  const dir = mkdtempSync(join(folder, 'redis-'))
  const ports = tls ? ['--port', '0', '--tls-port', `${at}`] : ['--port', `${at}`]
  const server = spawn(find('redis-server')!, [
    ...words.slice(0, isFile(words) ? 1 : 0),
    ...ports,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    dir,
    ...words.slice(isFile(words) ? 1 : 0),
  ])
  await new Promise<void>((resolve, reject) => {
    let told = ''
    server.once('exit', code => reject(new Error(`redis-server ended with ${code}: ${told}`)))
    server.stdout.on('data', (bytes: Buffer) => {
      told += bytes
      if (/Ready to accept connections|Sentinel ID is/.test(told)) resolve()
    })
  })
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = new Promise(resolve => server.once('close', resolve))
      server.kill('SIGCONT')
      server.kill(signal)
      await ended
    }
    rmSync(dir, { recursive: true, force: true })
  }
  return {
    url: `${tls ? 'rediss' : 'redis'}://127.0.0.1:${at}`,
    port: at,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
  }
}

/** A configuration file stands before every other word. */
const isFile = (words: readonly string[]) => words[0] !== undefined && !words[0].startsWith('--')

/** One server, named by its URL. */
export function plainRedis(url: string): RedisChoice {
  return { url, sentinels: [], sentinelName: 'mymaster', cluster: null, caFile: null }
}
