import { Command } from 'commander'
import { leaveParent, run } from './run.ts'

leaveParent()
const { fix } = new Command('check')
  .description('types (TypeScript 7, server and dashboard), lint and format (Biome)')
  .option('--fix', 'write what lint and format can mend')
  .parse(process.argv.slice(3), { from: 'user' })
  .opts<{ fix?: boolean }>()

const steps: readonly (readonly [string, readonly string[]])[] = [
  ['typescript/bin/tsc', ['-p', '.']],
  ['typescript/bin/tsc', ['-p', 'dashboard']],
  ['@biomejs/biome/bin/biome', ['check', '--error-on-warnings', ...(fix ? ['--write'] : []), '.']],
]
let worst = 0
for (const [program, args] of steps) worst = Math.max(worst, await run(program, args))
process.exitCode = worst
