import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { toHex } from '@gatehouse/shared/bytes.ts'
import type { PortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { find } from '../../../tools/needs.ts'
import { openSerialPort } from '../devices/serial-port.ts'
import { tcpWire } from '../simulators/tcp-wire.ts'

/** Where a device stands: the far end of a line whose near end a gateway opens. */
export type FarSide = {
  readonly port: PortConfig
  send(bytes: Uint8Array | string): Promise<void>
  /** All bytes a gateway has written so far, in hexadecimal. */
  heard(): string
  /** Resolves when what was heard ends in this; also when it does already. */
  hears(hex: string): Promise<void>
  close(): Promise<void>
}

/** Makes a line and stands at its far end. */
export type MakeLine = (folder: string, name: string) => Promise<FarSide>

function ear() {
  let heard = ''
  let watchers: { readonly hex: string; readonly resolve: () => void }[] = []
  return {
    onBytes(bytes: Uint8Array) {
      heard += toHex(bytes)
      for (const { hex, resolve } of watchers) if (heard.endsWith(hex)) resolve()
      watchers = watchers.filter(({ hex }) => !heard.endsWith(hex))
    },
    heard: () => heard,
    hears: (hex: string) =>
      new Promise<void>(resolve => {
        if (heard.endsWith(hex)) resolve()
        else watchers.push({ hex, resolve })
      }),
  }
}

/** Two ptys joined by socat: both ends are real terminals, opened by the real `serialport`. */
export const socatLine: MakeLine = async (folder, name) => {
  const near = join(folder, `${name}-near`)
  const far = join(folder, `${name}-far`)
  const socat = spawn(
    find('socat') ?? 'socat',
    ['-d', '-d', `pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const ended = once(socat, 'exit')
  await saidBy(socat.stderr, 'starting data transfer loop')
  const port = await openSerialPort({ path: far, baudRate: 9600 }, new AbortController().signal)
  const { onBytes, heard, hears } = ear()
  void (async () => {
    for await (const bytes of port.incoming) onBytes(bytes)
  })().catch(() => {})
  return {
    port: { kind: 'serial', path: near, baudRate: 9600, parity: 'none' },
    send: bytes => port.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    heard,
    hears,
    async close() {
      await port[Symbol.asyncDispose]()
      socat.kill('SIGKILL')
      await ended
    },
  }
}

/** A serial server on this machine. `name` may be a port to be on again: `:40123`. */
export const tcpLine: MakeLine = async (_folder, name) => {
  const { onBytes, heard, hears } = ear()
  const wire = await tcpWire({ port: name.startsWith(':') ? Number(name.slice(1)) : 0, onBytes })
  return {
    port: wire.port,
    async send(bytes) {
      wire.send(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    },
    heard,
    hears,
    close: () => wire.close(),
  }
}

function saidBy(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  return new Promise(resolve => {
    let text = ''
    stream.on('data', chunk => {
      text += String(chunk)
      if (text.includes(words)) resolve()
    })
  })
}
