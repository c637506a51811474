import { Command } from 'commander'
import { run as codes } from './codes.bench.ts'
import { run as drivers } from './drivers.bench.ts'
import { run as garbage } from './garbage.bench.ts'
import { run as imports } from './import.bench.ts'
import { run as events } from './ingest.bench.ts'
import { run as lists } from './list.bench.ts'
import { run as passes } from './passes.bench.ts'
import { run as replug } from './replug.bench.ts'
import { run as scans } from './scan-to-relay.bench.ts'
import { run as students } from './students.bench.ts'
import { run as verify } from './verify.bench.ts'
import { run as start } from './warm-start.bench.ts'

/** Measurements, never tests: each prints ours and the floor side by side, because only ratios of one run mean anything. */
const BENCHES = {
  scans,
  drivers,
  garbage,
  replug,
  events,
  start,
  lists,
  students,
  verify,
  codes,
  import: imports,
  passes,
} as const

const wanted = new Command('bench')
  .description(
    'Measure: scans (scan to relay), drivers (the same, each family of readers and boards), garbage (1 MB/s of it on another line), replug (a reader unplugged 200 times), events (broker to committed and acknowledged), start (warm start to first page), lists (a million passes at a gate), students (the list and the search of a million over HTTP), verify (a pass code from digits to decision), codes (how large each code is), import (a list of 250,000 students), passes (ten thousand by a job, signed).',
  )
  .argument('[which...]', 'all of them when none is named')
  .parse(process.argv.slice(3), { from: 'user' }).args

for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${name}`)
  await run()
}
process.disconnect?.()
