import { Vectors, verdictOf } from '@gatehouse/shared/cli/vectors.ts'
import { Command } from 'commander'
import { readJson } from './read-json.ts'
import { examples } from './usage.ts'

export function passCheckCommand(): Command {
  return new Command('check')
    .description(
      'Hold test vectors to what a gate decides: each case with its own list and memory. Ends with 1 on a difference.',
    )
    .argument('<vectors.json>', 'a file shaped like shared/vectors/passes.json')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples('gatehouse pass check shared/vectors/passes.json'))
    .action((file: string, { json }: { json?: true }) => {
      const vectors = readJson(file, Vectors)
      const results = vectors.cases.map(one => ({
        name: one.name,
        expected: one.expect,
        actual: verdictOf(vectors, one),
      }))
      const different = results.filter(({ expected, actual }) => expected !== actual)
      if (different.length > 0) process.exitCode = 1
      if (json) {
        process.stdout.write(`${JSON.stringify({ ok: different.length === 0, cases: results })}\n`)
        return
      }
      const wide = Math.max(...results.map(({ name }) => name.length))
      for (const { name, expected, actual } of results) {
        const mark = expected === actual ? 'same' : 'DIFFERS'
        process.stdout.write(`${mark.padEnd(8)}${name.padEnd(wide)}  expected ${expected}, actual ${actual}\n`)
      }
      process.stdout.write(`${results.length} cases, ${different.length} different.\n`)
    })
}
