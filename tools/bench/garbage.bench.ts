import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../gateway/src/devices/system-clock.ts'
import { cardFrame } from '../../gateway/src/simulators/card-reader.ts'
import { tcpWire } from '../../gateway/src/simulators/tcp-wire.ts'
import { show, spread } from './figures.ts'
import { em4100Cards, startStandalone, words } from './scan-stand.ts'

const ROWS = 1_000
const RUNS = 150
const GAP_MS = 150
const ON = 'a00101a2'
/** 1 MB/s, in pieces as a USB serial device hands them over. */
const PIECE_BYTES = 16_384
const PIECES_PER_S = 64

/** A gate of two lanes: 1 MB/s of garbage down one reader's line, and what becomes of the scans of the other. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const heard: { at: number | null } = { at: null }
  const [noisy, card, relay, other] = await Promise.all([
    tcpWire({ port: 0, onBytes() {} }),
    tcpWire({ port: 0, onBytes() {} }),
    tcpWire({
      port: 0,
      onBytes: bytes => {
        if (Buffer.from(bytes).toString('hex').includes(ON)) heard.at ??= performance.now()
      },
    }),
    tcpWire({ port: 0, onBytes() {} }),
  ])
  const lane = (lane: string, family: string, reader: typeof noisy, door: typeof noisy) => ({
    lane,
    name: lane,
    direction: 'in',
    groups: [0],
    readers: [{ family, id: 'reader', port: reader.port }],
    door: { family: 'lcus', channel: 1, pulseMs: 100, port: door.port },
  })
  try {
    const lanes = [lane('quiet', 'rdm6300', card, relay), lane('noisy', 'line', noisy, other)]
    const gate = await startStandalone(lanes, em4100Cards(ROWS), folder)
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gate.pid}/status`, 'utf8'))?.[1]) / 1024
    const scans = async () => {
      const times: number[] = []
      for (let at = 0; at < RUNS; at++) {
        await pause(GAP_MS)
        heard.at = null
        const frame = cardFrame('rdm6300', `01${((at % ROWS) + 1).toString(16).padStart(8, '0')}`)
        const beganMs = performance.now()
        if (frame.ok) card.send(frame.value)
        while (heard.at === null && performance.now() - beganMs < 5_000) await systemClock.after(0)
        times.push(((heard.at ?? Number.POSITIVE_INFINITY) - beganMs) * 1e6)
      }
      return times
    }
    const calm = await scans()
    const before = memory()
    const flood = new AbortController()
    const flooding = floodOf(noisy.send, flood.signal)
    const loud = await scans()
    flood.abort()
    await flooding
    const more = memory() - before
    show([
      { name: 'the other line is silent', figures: words(calm), ratio: 1 },
      {
        name: '1 MB/s of garbage on it (aim: p99 100 ms)',
        figures: `${words(loud)}, memory ${more >= 0 ? '+' : ''}${more.toFixed(1)} MB`,
        ratio: spread(loud).p50 / spread(calm).p50,
      },
    ])
    const ended = once(gate, 'exit')
    gate.kill('SIGTERM')
    await ended
  } finally {
    await Promise.all([noisy, card, relay, other].map(wire => wire.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function floodOf(send: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    send(randomBytes(PIECE_BYTES))
    await pause(1_000 / PIECES_PER_S)
  }
}
