import { stat } from 'node:fs/promises'
import { SerialPort } from 'serialport'
import type { BytePort } from '../ports.ts'
import { withDeadline } from './deadline.ts'
import { incomingFrom } from './incoming.ts'
import { serialProblem } from './serial-problem.ts'

const OPEN_MS_MAX = 5_000
const WRITE_MS_MAX = 1_000
const CLOSE_MS_MAX = 1_000

/** How soon an unplugged device is noticed that gives no sign of it. */
const PRESENCE_MS = 1_000

export type SerialPortOptions = {
  readonly path: string
  readonly baudRate: number
  readonly parity?: 'none' | 'even' | 'odd'
}

/** Opens a serial port: eight data bits, one stop bit. The one file that knows the `serialport` package. */
export async function openSerialPort(
  { path, baudRate, parity = 'none' }: SerialPortOptions,
  signal: AbortSignal,
): Promise<BytePort> {
  signal.throwIfAborted()
  const port = new SerialPort({ path, baudRate, dataBits: 8, stopBits: 1, parity, autoOpen: false })
  // It emits errors besides handing them to callbacks, and an `error` nobody listens to ends the process.
  port.on('error', () => {})
  try {
    await withDeadline(
      done(finished => port.open(finished)),
      OPEN_MS_MAX,
      `opening ${path}`,
    )
  } catch (error) {
    throw new Error(serialProblem(path, error), { cause: error })
  }
  const device = await deviceOf(path)

  const incoming = incomingFrom({ pause: () => port.pause(), resume: () => port.resume() })
  // Neither destroying the stream nor leaving a `for await` over it closes the device, and closing it does not end
  // the stream. So both are done by hand, once.
  let closing: Promise<void> | null = null
  const close = (lost?: Error): Promise<void> => {
    closing ??= finish(lost)
    return closing
  }
  const finish = async (lost?: Error) => {
    clearInterval(presence)
    signal.removeEventListener('abort', onAbort)
    incoming.end(lost)
    if (port.isOpen) {
      await withDeadline(
        done(finished => port.close(finished)),
        CLOSE_MS_MAX,
        `closing ${path}`,
      ).catch(() => {})
    }
    port.removeAllListeners('data')
  }
  const onAbort = () => void close()
  // A hang-up in the middle of a read spins inside the library and gives no `close` (bindings-cpp 13): so we look
  // whether the device is still the one that was opened. Elsewhere `close` comes first.
  const presence = setInterval(async () => {
    if ((await deviceOf(path)) !== device) void close(new Error(`${path} is gone: plug the device in again`))
  }, PRESENCE_MS)
  presence.unref()

  port.on('data', (bytes: Uint8Array) => incoming.push(bytes))
  port.on('error', error => void close(error))
  port.on('close', () => void close(new Error(`${path} hung up: check its cable and power`)))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) await close()

  return {
    incoming: incoming.bytes,
    async write(bytes) {
      if (closing !== null || !port.isOpen) throw new Error(`${path} is closed`)
      const written = done(finished => void port.write(bytes, finished))
      try {
        await withDeadline(written, WRITE_MS_MAX, `writing to ${path}`)
      } catch (error) {
        void close(error as Error)
        throw error
      }
    },
    [Symbol.asyncDispose]: () => close(),
  }
}

/** Which device a path leads to now; null when to none. */
async function deviceOf(path: string): Promise<string | null> {
  try {
    const { dev, ino, rdev } = await stat(path)
    return `${dev}:${ino}:${rdev}`
  } catch {
    return null
  }
}

/** Turns one of `serialport`'s callbacks into a promise. */
function done(call: (finished: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call(error => (error ? reject(error) : resolve())))
}
