import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export type Received = {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly secure: boolean
}

export type TestSmtp = AsyncDisposable & {
  readonly port: number
  readonly received: Received[]
  /** How often somebody tried to bring something. */
  readonly tries: { count: number }
}

/** A refusal with a code and the server's words. */
export function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode })
}

/** A real mail server on loopback. `onRcpt` and `onMail` may refuse; whatever was taken is in `received`. */
export async function startSmtp({
  onRcpt = () => null,
  onMail = () => null,
  ...options
}: SMTPServerOptions & {
  readonly onRcpt?: (address: string, attempt: number) => Error | null
  /** Once the whole mail is there; `cut` ends the connection instead of an answer. */
  readonly onMail?: (attempt: number) => Error | 'cut' | null
} = {}): Promise<TestSmtp> {
  const received: Received[] = []
  const tries = { count: 0 }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    ...options,
    onRcptTo: ({ address }, _session, answer) => answer(onRcpt(address, ++tries.count)),
    onData(stream, { envelope, secure }, answer) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const said = onMail(tries.count)
        if (said instanceof Error) return answer(said)
        received.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          secure,
        })
        if (said === 'cut')
          for (const { _socket } of server.connections as Set<{ _socket: { destroy(): void } }>) _socket.destroy()
        else answer(null, 'queued as 1')
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    tries,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  }
}
