import { Command, Option } from 'commander'
import { SimulatorConfig } from '../simulators/config.ts'
import { readJson } from './read-json.ts'
import { another } from './settings.ts'
import { stopSignal } from './stop-signal.ts'
import { examples } from './usage.ts'

type Options = {
  readonly config?: string
  readonly pty?: string
  readonly port?: string
  readonly baud: string
  readonly set: readonly string[]
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'Stand in for the readers and relays of a gate, byte for byte; or for one device, told by lines on standard input.',
    )
    .argument('[family]', 'one device of this family')
    .addOption(new Option('--config <file>', 'the simulated hardware of a whole gate').conflicts(['pty', 'port']))
    .addOption(new Option('--pty <path>', 'stand at a serial port that is linked here').conflicts('port'))
    .option('--port <number>', 'stand at a TCP port of this machine; 0, or left out: any free one')
    .option('--baud <rate>', 'of the serial port', '9600')
    .option('--set <name=value>', 'a setting of the family, as many as needed', another, [])
    .addHelpText(
      'after',
      `
Lines for one device: card 01000734E0, qr 1575…, pin 1234, close 1, open 1.
${examples(
  'gatehouse gateway simulate --config hardware.json',
  'gatehouse gateway simulate rdm6300 --pty /tmp/reader',
  'gatehouse gateway simulate controller --port 4001',
)}`,
    )
    .action(async (family: string | undefined, options: Options, command: Command) => {
      if ((family === undefined) === (options.config === undefined))
        command.error('error: give --config, or one family', { exitCode: 2 })
      const say = (line: string) => void process.stdout.write(`${line}\n`)
      if (options.config !== undefined) {
        const { simulate } = await import('../simulators/simulate.ts')
        return simulate(readJson(options.config, SimulatorConfig), say, stopSignal())
      }
      const { simulateOne } = await import('./simulate-one.ts')
      return simulateOne(family!, options, say, stopSignal())
    })
}
