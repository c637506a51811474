import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { cardFrame } from '../../gateway/src/simulators/card-reader.ts'
import { ptyWire } from '../../gateway/src/simulators/pty-wire.ts'
import { tcpWire } from '../../gateway/src/simulators/tcp-wire.ts'
import { find } from '../checks/programs.ts'
import { show, spread } from './figures.ts'
import { em4100Cards, startStandalone } from './scan-stand.ts'

const TIMES = 200
const AGAIN_MS = 25
const BACK_MS_MAX = 10_000
const KNOWN = '0100000001'
/** In no list: half of it before an unplug and half after must not be a card. */
const HALVED = '01deadbeef'

/** A reader on a terminal, unplugged in the middle of a frame and plugged in again: when is it read, is anything joined, is anything left open. */
export async function run(): Promise<void> {
  if (find('script') === null) return console.log('  not measured: `script` of util-linux is needed (Debian: bsdutils)')
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const link = join(folder, 'reader')
  const plug = () => ptyWire({ link, baudRate: 9600, onBytes() {} })
  const relay = await tcpWire({ port: 0, onBytes() {} })
  let wire = await plug()
  const lane = {
    lane: 'in',
    name: 'In',
    direction: 'in',
    groups: [0],
    readers: [{ family: 'rdm6300', id: 'card', port: { kind: 'serial', path: link } }],
    door: { family: 'lcus', channel: 1, pulseMs: 100, port: relay.port },
  }
  try {
    const gate = await startStandalone([lane], em4100Cards(10), folder)
    let granted = Promise.withResolvers<void>()
    let joined = 0
    createInterface({ input: gate.stdout! }).on('line', line => {
      if (line.includes('"kind":"granted"')) granted.resolve()
      if (line.includes('"kind":"refused"')) joined++
    })
    const known = frameOf(KNOWN)
    const halved = frameOf(HALVED)
    /** Holds the card until it is read, and says how long that took. */
    const read = async () => {
      granted = Promise.withResolvers()
      const beganMs = performance.now()
      const isRead = granted.promise.then(() => true)
      for (;;) {
        wire.send(known)
        if (await Promise.race([isRead, pause(AGAIN_MS, false)])) return performance.now() - beganMs
        if (performance.now() - beganMs > BACK_MS_MAX) throw new Error('the reader did not come back within 10 s')
      }
    }
    await read()
    const open = () => readdirSync(`/proc/${gate.pid}/fd`).length
    const before = open()
    const times: number[] = []
    for (let time = 0; time < TIMES; time++) {
      wire.send(halved.subarray(0, 7))
      await wire.close()
      wire = await plug()
      wire.send(halved.subarray(7))
      times.push(await read())
      // The card must be away before it is held again, else it is the same presentation.
      await pause(350)
    }
    const { p50, p99, max } = spread(times)
    show([
      {
        name: `unplugged and plugged in ${TIMES} times (aim: back within 2 s)`,
        figures:
          `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms; ` +
          `${joined} joined; descriptors ${before} before, ${open()} after`,
      },
    ])
    const ended = once(gate, 'exit')
    gate.kill('SIGTERM')
    await ended
  } finally {
    await Promise.all([wire.close(), relay.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

function frameOf(card: string): Uint8Array {
  const frame = cardFrame('rdm6300', card)
  if (!frame.ok) throw new Error(card)
  return frame.value
}
