import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { OnBytes, Wire } from './wire.ts'

/** `tty` answers at once; a machine under load is given time. */
const READY_MS_MAX = 10_000

export type PtyWireNeeds = { readonly link: string; readonly baudRate: number; readonly onBytes: OnBytes }

/**
 * A pty held by util-linux `script`: Debian always has it, and it needs no native addon. Its slave is linked at
 * `link`, where the gate opens it like any serial device; what we write to `script` comes out there.
 */
export async function ptyWire({ link, baudRate, onBytes }: PtyWireNeeds): Promise<Wire> {
  // `cat` holds the slave open, so that a gate may come and go without a hang-up. It waits on a pipe of ours, and so
  // ends with this process however that ends.
  const holder = spawn('script', ['-qfec', 'stty raw -echo -ixon; tty; exec cat <&3 >/dev/null', '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  })
  const [stdin, stdout] = [holder.stdin as Writable, holder.stdout as Readable]
  const ended = once(holder, 'exit').catch(() => {})
  stdin.on('error', () => {})
  const slave = await slaveOf(stdout, ended)
  stdout.on('data', onBytes)

  await mkdir(dirname(link), { recursive: true })
  await rm(link, { force: true })
  await symlink(slave, link)
  return {
    port: { kind: 'serial', path: link, baudRate, parity: 'none' },
    send: bytes => void stdin.write(bytes),
    async close() {
      // Asked politely it waits two seconds for its child; the hang-up ends that too.
      holder.kill('SIGKILL')
      await ended
      await rm(link, { force: true })
    },
  }
}

/** The first line that comes back: `/dev/pts/7`. */
async function slaveOf(output: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<string> {
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => reject(new Error('`script` gave no pty within 10 s')), READY_MS_MAX)
  void ended.then(() => reject(new Error('`script` of util-linux (Debian: bsdutils) could not hold a pty')))
  const onData = (bytes: Buffer) => {
    text += bytes.toString('latin1')
    const end = text.indexOf('\n')
    if (end >= 0) resolve(text.slice(0, end).trim())
  }
  output.on('data', onData)
  try {
    const slave = await promise
    if (!/^\/dev\/pts\/\d+$/.test(slave)) throw new Error(`\`script\` answered ${JSON.stringify(slave)} for a pty`)
    return slave
  } finally {
    clearTimeout(timer)
    output.off('data', onData)
  }
}
