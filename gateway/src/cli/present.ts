import { join } from 'node:path'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { SimulatorEntry } from '../simulators/config.ts'
import { readJson } from './read-json.ts'
import { cannot, examples } from './usage.ts'

const ANSWER_MS_MAX = 5_000

const Answer = z.union([
  z.object({ gate: z.string(), lane: z.string(), reader: z.string(), bytes: z.int() }),
  z.object({ message: z.string() }),
])

type Options = { gate: string; lane?: string; card?: string; qr?: string; pin?: string; data: string; json?: true }

export function presentCommand(): Command {
  return new Command('present')
    .description('Present a card, a code or a PIN at a simulated reader, exactly as a person would.')
    .requiredOption('--gate <name>', 'short name or id of the gate')
    .option('--lane <lane>', 'where the gate has more than one')
    .addOption(new Option('--card <hex>', 'the five bytes of a card').conflicts(['qr', 'pin']))
    .addOption(new Option('--qr <digits>', 'what the code says').conflicts('pin'))
    .option('--pin <digits>', 'what is pressed on a keypad')
    .addOption(new Option('--data <folder>', 'data folder of the campus').env('GATEHOUSE_DATA').default('.gatehouse'))
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse present --gate north --card 01000734E0',
        'gatehouse present --gate south --lane out --qr 157587134014...',
      ),
    )
    .action(async (options: Options, command: Command) => {
      if ([options.card, options.qr, options.pin].every(given => given === undefined)) {
        command.error('error: give --card, --qr or --pin', { exitCode: 2 })
      }
      const sent = await present(options)
      const { gate, lane, reader, bytes } = sent
      process.stdout.write(
        options.json
          ? `${JSON.stringify(sent)}\n`
          : `Sent ${bytes} bytes from reader ${reader} of lane ${lane} at gate ${gate}.\n`,
      )
    })
}

async function present({ gate, lane, card, qr, pin, data }: Options) {
  const entries = readJson(join(data, 'simulators.json'), z.array(SimulatorEntry))
  const entry = entries.find(entry => entry.gate === gate || entry.gateId === gate)
  if (!entry) {
    throw cannot(
      `There is no simulated gate ${gate}. There is: ${entries.map(entry => entry.gate).join(', ') || 'none'}.`,
    )
  }
  const answer = await fetch(`${entry.control}/present`, {
    method: 'POST',
    headers: { authorization: `Bearer ${entry.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lane, card, qr, pin }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch(() => {
    throw cannot(`The simulated hardware of gate ${gate} does not answer: is the campus running (./gatehouse start)?`)
  })
  const said = Answer.parse(await answer.json())
  if ('message' in said) throw cannot(said.message)
  return said
}
