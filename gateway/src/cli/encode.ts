import { Argument, Command } from 'commander'
import { ACTIONS, type Action } from './door-actions.ts'
import { another } from './settings.ts'
import { examples } from './usage.ts'

export function encodeCommand(): Command {
  return new Command('encode')
    .description(
      'The bytes that the driver of a board would send, tried against its simulated far side. Nothing is sent to a device.',
    )
    .argument('<family>', 'a family of boards, such as lcus or controller')
    .addArgument(new Argument('<action>', 'what the door is told').choices(ACTIONS))
    .option('--channel <number>', 'the output; the first where it is left out')
    .option('--ms <milliseconds>', 'how long a pulse is', '700')
    .option('--set <name=value>', 'a setting of the family, as many as needed', another, [])
    .option('--json', 'answer in JSON: {family, action, channel, result, sent: [hex...]}')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway encode lcus on --channel 2',
        'gatehouse gateway encode modbus-flash pulse --ms 700 --set address=3',
        'gatehouse gateway encode controller pulse --json',
      ),
    )
    .action(async (family: string, action: Action, options) => {
      const { encodeAction } = await import('./encode-action.ts')
      await encodeAction(family, action, options)
    })
}
