import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Command } from 'commander'
import { allParsers } from './all.ts'
import { fuzz } from './parser.ts'

/** Memory that a run may leave behind: what the engine itself keeps of its code. */
const LEFT_BYTES_MAX = 16 * 1024 * 1024
const ROUND = 250_000

const options = new Command('fuzz')
  .description(
    'Feed mutated frames to everything that reads a wire: nothing may throw, grow, or accept what its check refuses.',
  )
  .option('--frames <n>', 'for each parser', '10000000')
  .option('--seed <n>', 'the same seed, the same frames', '1')
  .option('--only <text>', 'parsers whose name has this')
  .addHelpText('after', '\nExamples:\n  $ npm run fuzz\n  $ npm run fuzz -- --only rdm6300 --frames 100000 --seed 7')
  .parse(process.argv.slice(3), { from: 'user' })
  .opts<{ frames: string; seed: string; only?: string }>()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heapUsed = () => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const frames = Number(options.frames)
for (const parser of allParsers().filter(({ name }) => name.includes(options.only ?? ''))) {
  const beganMs = performance.now()
  // Its code is compiled by then; what is left after that is held by the parser.
  let [done, accepted] = [0, 0]
  const wrong: string[] = []
  let before = 0
  for (let seed = Number(options.seed); done < frames; seed++) {
    const round = await fuzz(parser, Math.min(ROUND, frames - done), seed)
    done += Math.min(ROUND, frames - done)
    accepted += round.accepted
    wrong.push(...round.wrong)
    if (before === 0) before = heapUsed()
  }
  const left = heapUsed() - before
  const seconds = (performance.now() - beganMs) / 1_000
  const isFlat = left < LEFT_BYTES_MAX
  console.log(
    `${parser.name.padEnd(24)} ${done} frames, ${accepted} accepted, ${wrong.length} wrongly, ` +
      `${(left / 1024).toFixed(0)} kB left, ${seconds.toFixed(1)} s`,
  )
  for (const one of wrong.slice(0, 5)) console.log(`  ${one}`)
  if (wrong.length > 0 || !isFlat) process.exitCode = 1
}
process.disconnect?.()
