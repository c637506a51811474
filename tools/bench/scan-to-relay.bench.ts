import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { show, spread } from './figures.ts'
import { compiler, em4100Cards, measured, startFloor, startGate, words } from './scan-stand.ts'

const ROWS = 100_000

/** Card bytes in to relay bytes out over pseudo-terminals, 100,000 passes, the event durable first; against a C program doing the same. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const compile = compiler(folder)
    if (compile === null) return console.log('  not measured: the floor needs a C compiler (Debian: gcc libc6-dev)')
    const probe = compile('probe')
    const floor = await measured(probe, (reader, relay) => startFloor(compile('floor'), reader, relay, folder, ROWS))
    const lane = { reader: { family: 'rdm6300' }, door: { family: 'lcus' }, cards: em4100Cards(ROWS) }
    const ours = await measured(probe, (reader, relay) => startGate(lane, { reader, relay }, folder))
    const p50 = spread(floor).p50
    show([
      { name: 'floor: a C program', figures: words(floor), ratio: 1 },
      { name: 'gateway (aim: p50 2.0x, p99 10 ms)', figures: words(ours), ratio: spread(ours).p50 / p50 },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
