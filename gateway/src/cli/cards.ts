import { Command } from 'commander'
import { examples } from './usage.ts'

export function cardsCommand(): Command {
  return new Command('cards')
    .description('The newest cards at this gate that no list knew, bits and all. They are on this machine only.')
    .requiredOption('--config <file>', 'the gate’s configuration')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples('gatehouse gateway cards --config /var/lib/gatehouse/gate.json'))
    .action(async (options: { config: string; limit: string; json?: true }) => {
      // Loaded when it is needed: the other words must not wait for databases.
      const { showCards } = await import('./show-cards.ts')
      showCards(options)
    })
}
