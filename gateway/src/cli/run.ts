import { Command } from 'commander'
import type { RunOptions } from './run-gate.ts'
import { examples } from './usage.ts'

export function runCommand(): Command {
  return new Command('run')
    .description('Run the gateway of one gate: readers, decisions, doors, journal, cloud. Logs on standard error.')
    .requiredOption('--config <file>', 'the gate’s configuration')
    .option('--standalone', 'no cloud: take list.ghl from beside the identity, write events as JSON lines')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway run --config /etc/gatehouse/gate.json',
        'gatehouse gateway run --config gate.json --standalone > events.jsonl',
      ),
    )
    .action(async (options: RunOptions) => {
      // Loaded when it is needed: `present` must not wait for serial ports and databases.
      const { runGate } = await import('./run-gate.ts')
      await runGate(options)
    })
}
