import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { find } from '../checks/programs.ts'
import { show, spread } from './figures.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const ROWS = 100_000
const RUNS = 400
const WARM_UP_RUNS = 50
/** Longer than the pulse of 100 ms, so that the door is shut again before the next card. */
const GAP_US = 120_000

type Probe = { readonly reader: string; readonly relay: string; measure(runs: number): Promise<number[]>; end(): void }

/** Card bytes in to relay bytes out over pseudo-terminals, 100,000 passes, the event durable first; against a C program doing the same. */
export async function run(): Promise<void> {
  const cc = find('cc')
  if (cc === null) return console.log('  not measured: the floor needs a C compiler (Debian: gcc libc6-dev)')
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const compile = (name: string) => {
      const program = join(folder, name)
      execFileSync(cc, ['-O2', '-o', program, join(import.meta.dirname, 'c', `${name}.c`), '-lutil'])
      return program
    }
    const probe = compile('probe')
    const floor = await measured(probe, (reader, relay) => startFloor(compile('floor'), reader, relay, folder))
    const ours = await measured(probe, (reader, relay) => startGate(reader, relay, folder))
    const p50 = spread(floor).p50
    show([
      { name: 'floor: a C program', figures: words(floor), ratio: 1 },
      { name: 'gateway (aim: p50 2.0x, p99 10 ms)', figures: words(ours), ratio: spread(ours).p50 / p50 },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measured(
  program: string,
  start: (reader: string, relay: string) => Promise<ChildProcess>,
): Promise<number[]> {
  const probe = await openProbe(program)
  const subject = await start(probe.reader, probe.relay)
  try {
    await probe.measure(WARM_UP_RUNS)
    return await probe.measure(RUNS)
  } finally {
    const ended = once(subject, 'exit')
    subject.kill('SIGTERM')
    await ended
    probe.end()
  }
}

async function openProbe(program: string): Promise<Probe> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
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

async function startFloor(program: string, reader: string, relay: string, folder: string): Promise<ChildProcess> {
  const child = spawn(program, [reader, relay, join(folder, 'floor.log'), String(ROWS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

/** The gate as a small site runs it: a list made from a table of cards, no cloud. */
async function startGate(reader: string, relay: string, folder: string): Promise<ChildProcess> {
  const cards = join(folder, 'cards.csv')
  const rows = Array.from({ length: ROWS }, (_, at) => `01${(at + 1).toString(16).padStart(8, '0').toUpperCase()}`)
  writeFileSync(cards, `card\n${rows.join('\n')}\n`)
  const gatehouse = join(ROOT, 'gateway/src/cli/main.ts')
  execFileSync(process.execPath, [gatehouse, 'list', 'make', cards, '--gate', 'north', '--out', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })

  const config = join(folder, 'gate.json')
  const lane = {
    lane: 'in',
    name: 'In',
    direction: 'in',
    groups: [0],
    readers: [{ family: 'rdm6300', id: 'card', port: { kind: 'serial', path: reader } }],
    door: { family: 'lcus', channel: 1, pulseMs: 100, port: { kind: 'serial', path: relay } },
  }
  writeFileSync(config, JSON.stringify({ lanes: [lane] }))
  const child = spawn(process.execPath, [gatehouse, 'gateway', 'run', '--standalone', '--config', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await isUp(child)
  return child
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

function words(timesNs: readonly number[]): string {
  const { p50, p99, max } = spread(timesNs)
  const us = (ns: number) => `${Math.round(ns / 1000)} us`
  return `p50 ${us(p50)}, p99 ${us(p99)}, max ${us(max)} (${timesNs.length} scans)`
}
