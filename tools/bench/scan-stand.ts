import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { find } from '../checks/programs.ts'
import { spread } from './figures.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const WARM_UP_RUNS = 50
/** Longer than the pulse of 100 ms, so that the door is shut again before the next card. */
const GAP_US = 120_000

type Probe = { readonly reader: string; readonly relay: string; measure(runs: number): Promise<number[]>; end(): void }

/** What the stopwatch sends, waits for and answers, where it is not RDM6300 and LCUS. */
export type ProbeWords = { readonly frames: string; readonly on: string; readonly answer: string }

/** Whether there is a C compiler, and the stopwatch and the floor made by it. */
export function compiler(folder: string): ((name: 'probe' | 'floor') => string) | null {
  const cc = find('cc')
  if (cc === null) return null
  return name => {
    const program = join(folder, name)
    execFileSync(cc, ['-O2', '-o', program, join(import.meta.dirname, 'c', `${name}.c`), '-lutil'])
    return program
  }
}

/** Nanoseconds from the scan's bytes to the relay's, over pseudo-terminals, of each run. */
export async function measured(
  program: string,
  start: (reader: string, relay: string) => Promise<ChildProcess>,
  { runs = 400, words }: { readonly runs?: number; readonly words?: ProbeWords } = {},
): Promise<number[]> {
  const probe = await openProbe(program, words)
  const subject = await start(probe.reader, probe.relay)
  try {
    await probe.measure(WARM_UP_RUNS)
    return await probe.measure(runs)
  } finally {
    const ended = once(subject, 'exit')
    subject.kill('SIGTERM')
    await ended
    probe.end()
  }
}

async function openProbe(program: string, words?: ProbeWords): Promise<Probe> {
  const args = words === undefined ? [] : [words.frames, words.on, words.answer]
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the probe ended')
    return value as string
  }
  const [reader, relay] = (await next()).split(' ')
  return {
    reader: reader!,
    relay: relay!,
    async measure(runs) {
      child.stdin.write(`run ${runs} ${GAP_US}\n`)
      const times: number[] = []
      for (let line = await next(); line !== 'done'; line = await next()) {
        if (line === 'lost') throw new Error('a card was presented and the relay did not move')
        times.push(Number(line))
      }
      return times
    },
    end: () => child.stdin.end(),
  }
}

/** The least that can be called the same work. */
export async function startFloor(
  program: string,
  reader: string,
  relay: string,
  folder: string,
  rows: number,
): Promise<ChildProcess> {
  const child = spawn(program, [reader, relay, join(folder, 'floor.log'), String(rows)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

/** What is configured between the two lines. */
export type BenchLane = {
  readonly reader: Record<string, unknown>
  readonly door: Record<string, unknown>
  /** Rows of the table that the list is made from, with its head. */
  readonly cards: string
}

/** One lane between the two lines of the stopwatch. */
export function startGate(
  { reader, door, cards }: BenchLane,
  lines: { readonly reader: string; readonly relay: string },
  folder: string,
): Promise<ChildProcess> {
  const lane = {
    lane: 'in',
    name: 'In',
    direction: 'in',
    groups: [0],
    readers: [{ id: 'reader', ...reader, port: { kind: 'serial', path: lines.reader } }],
    door: { channel: 1, pulseMs: 100, ...door, port: { kind: 'serial', path: lines.relay } },
  }
  return startStandalone([lane], cards, folder)
}

/** The gate as a small site runs it: a list made from a table of cards, no cloud. */
export async function startStandalone(lanes: readonly unknown[], cards: string, folder: string): Promise<ChildProcess> {
  const table = join(folder, 'cards.csv')
  writeFileSync(table, cards)
  const gatehouse = join(ROOT, 'gateway/src/cli/main.ts')
  execFileSync(process.execPath, [gatehouse, 'list', 'make', table, '--gate', 'north', '--out', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const config = join(folder, 'gate.json')
  writeFileSync(config, JSON.stringify({ status: null, lanes }))
  const child = spawn(process.execPath, [gatehouse, 'gateway', 'run', '--standalone', '--config', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await isUp(child)
  return child
}

/** EM4100 cards 0100000001 ..., as the stopwatch sends them. */
export function em4100Cards(rows: number): string {
  const card = (at: number) => `01${(at + 1).toString(16).padStart(8, '0').toUpperCase()}`
  return `card\n${Array.from({ length: rows }, (_, at) => card(at)).join('\n')}\n`
}

async function isUp(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the gate ended with ${code}`)
  })
  const up = new Promise<void>(resolve => {
    createInterface({ input: child.stdout! }).on('line', line => {
      if (line.includes('"kind":"list"') || line.includes('"kind":"boot"')) resolve()
    })
  })
  await Promise.race([up, ended])
  await new Promise(resolve => setTimeout(resolve, 2_000))
}

/** For people. */
export function words(timesNs: readonly number[]): string {
  const { p50, p99, max } = spread(timesNs)
  const us = (ns: number) => `${Math.round(ns / 1000)} us`
  return `p50 ${us(p50)}, p99 ${us(p99)}, max ${us(max)} (${timesNs.length} scans)`
}
