import { Command } from 'commander'
import { examples } from './usage.ts'

export function tryCommand(): Command {
  return new Command('try')
    .description(
      'Open one door once, and say what its board and its contacts do. Only while no gateway runs on this folder.',
    )
    .argument('<lane>', 'whose door, as the configuration names it')
    .requiredOption('--config <file>', 'the gate’s configuration')
    .option('--seconds <count>', 'how long the contacts are watched', '10')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway try in --config /etc/gatehouse/gate.json',
        'gatehouse gateway try in --config gate.json --seconds 3 --yes',
      ),
    )
    .action(async (lane: string, options: { config: string; seconds: string; yes?: true }) => {
      const { tryDoor } = await import('./try-door.ts')
      await tryDoor(lane, options)
    })
}
