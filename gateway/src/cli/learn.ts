import { learnFormat } from '@gatehouse/shared/wiegand/learn.ts'
import { readPrinted } from '@gatehouse/shared/wiegand/printed.ts'
import { SAMPLES_PROBLEM_WORDS, type Sample, type Seen } from '@gatehouse/shared/wiegand/sample.ts'
import { Command, Option } from 'commander'
import { learnedWords } from './learned-words.ts'
import { another } from './settings.ts'
import { cannot, examples } from './usage.ts'

type Options = { sample: readonly string[]; config?: string; reader?: string; lane?: string; json?: true }

export function learnCommand(): Command {
  return new Command('learn')
    .description('Find the card format of a reader, from at least three cards and what is printed on them.')
    .addOption(
      new Option(
        '--sample <seen=printed>',
        'bits as hex/count, or the text that the reader typed; repeat for every card',
      )
        .argParser(another)
        .default([], 'none'),
    )
    .addOption(
      new Option('--config <file>', 'the gate’s configuration: learn from cards held to a reader').conflicts('sample'),
    )
    .option('--reader <id>', 'which reader of the gate')
    .option('--lane <lane>', 'where two lanes have a reader of that name')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway learn --sample BD88EB80/26=123:4567 --sample BB032180/26=118:1603 --sample F0029CC0/26=224:1337',
        'gatehouse gateway learn --sample 01000734E0=472288 --sample 62E3086CED=3808980205 --sample 13005D1DA5=6102437',
        'gatehouse gateway learn --config /var/lib/gatehouse/gate.json --reader north-in',
      ),
    )
    .action(async (options: Options, command: Command) => {
      const isAtReader = options.config !== undefined && options.reader !== undefined
      if (!isAtReader && options.sample.length === 0)
        command.error('error: give --sample for every card, or --config and --reader', { exitCode: 2 })
      const samples = isAtReader ? await atReader(options.config!, options) : options.sample.map(sampleIn)
      const learned = learnFormat(samples)
      if (!learned.ok) throw cannot(SAMPLES_PROBLEM_WORDS[learned.failure])
      if (learned.value.kind === 'none') process.exitCode = 1
      process.stdout.write(`${options.json ? JSON.stringify(learned.value) : learnedWords(learned.value)}\n`)
    })
}

async function atReader(config: string, { reader, lane }: Options): Promise<Sample[]> {
  // Loaded when it is needed: the other words must not wait for databases.
  const { learnAtGate } = await import('./learn-at-gate.ts')
  return learnAtGate({ config, reader: reader!, lane })
}

function sampleIn(text: string): Sample {
  const [seen = '', printed = '', ...more] = text.split('=')
  const numbers = readPrinted(printed)
  const read = seenIn(seen)
  if (read === null || numbers === null || more.length > 0)
    throw cannot(`--sample ${text}: must be bits/count=facility:number or text=number, such as BD88EB80/26=123:4567`)
  return { seen: read, printed: numbers }
}

function seenIn(text: string): Seen | null {
  const [digits = '', count, ...more] = text.split('/')
  if (more.length > 0) return null
  if (count === undefined) return { kind: 'text', text: digits }
  return /^\d{1,3}$/.test(count) ? { kind: 'bits', bitCount: Number(count), bits: digits.toLowerCase() } : null
}
