import { Command, Option } from 'commander'
import type { InspectOptions } from './inspect-pass.ts'
import { examples } from './usage.ts'

export function passInspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Tell every field of a pass code. With an identity also who signed it; with a gate’s configuration what each of its lanes would say, and why.',
    )
    .argument('<digits>', 'the code as it is printed')
    .addOption(new Option('--config <file>', 'the gate’s configuration').conflicts('identity'))
    .option('--identity <file>', 'the identity of a gate of the school')
    .option('--at <time>', 'at this moment instead of now, such as 2026-09-01T08:00:00Z')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse pass inspect 157587134014...',
        'gatehouse pass inspect 157587134014... --config /var/lib/gatehouse/gate.json',
      ),
    )
    .action(async (digits: string, options: InspectOptions) => {
      // Loaded when it is needed: the other words must not wait for databases.
      const { inspectPass } = await import('./inspect-pass.ts')
      inspectPass(digits, options)
    })
}
