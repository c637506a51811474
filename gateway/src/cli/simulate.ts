import { Command } from 'commander'
import { SimulatorConfig } from '../simulators/config.ts'
import { readJson } from './read-json.ts'
import { stopSignal } from './stop-signal.ts'
import { examples } from './usage.ts'

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Stand in for the readers and relays of a gate, byte for byte.')
    .requiredOption('--config <file>', 'the simulated hardware')
    .addHelpText('after', examples('gatehouse gateway simulate --config hardware.json'))
    .action(async ({ config }: { config: string }) => {
      const { simulate } = await import('../simulators/simulate.ts')
      await simulate(readJson(config, SimulatorConfig), line => void process.stdout.write(`${line}\n`), stopSignal())
    })
}
