import { spawn } from 'node:child_process'
import { find } from '../../../tools/needs.ts'
import { freePort } from './free-port.ts'

export type TestRedis = { readonly url: string; stop(): Promise<void> }

/** A Redis of one's own that keeps nothing. */
export async function startRedis(folder: string): Promise<TestRedis> {
  const port = await freePort()
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const server = spawn(find('redis-server')!, options)
  await new Promise<void>((resolve, reject) => {
    server.once('exit', code => reject(new Error(`redis-server ended with ${code}`)))
    server.stdout.on('data', (bytes: Buffer) => bytes.includes('Ready to accept connections') && resolve())
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = new Promise(resolve => server.once('close', resolve))
      server.kill('SIGTERM')
      await ended
    },
  }
}
