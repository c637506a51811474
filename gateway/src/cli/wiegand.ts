import { fromHex } from '@gatehouse/shared/bytes.ts'
import { binaryOf, type Frame, frameOf, numberOf } from '@gatehouse/shared/wiegand/bits.ts'
import { cardOfBits } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import { customFormatMistakes } from '@gatehouse/shared/wiegand/custom-format.ts'
import { layoutOf } from '@gatehouse/shared/wiegand/formats.ts'
import { type CardNumbers, decodeFrame, encodeFrame, mostOf, type NotEncoded } from '@gatehouse/shared/wiegand/frame.ts'
import { CustomFormat, WIEGAND_NAMES, type WiegandName } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { Argument, Command, Option } from 'commander'
import { readJson } from './read-json.ts'
import { cannot, examples } from './usage.ts'

type Options = { facility?: string; number?: string; bits?: string; formatFile?: string; json?: true }

export function wiegandCommand(): Command {
  return new Command('wiegand')
    .description('The bits of a card from its numbers, or the numbers from the bits.')
    .addArgument(new Argument('[format]', 'a format that has a name').choices(WIEGAND_NAMES))
    .option('--facility <number>', 'the facility code, where the format has one')
    .option('--number <number>', 'the card number')
    .addOption(new Option('--bits <hex[/count]>', 'the whole frame, left-justified').conflicts(['facility', 'number']))
    .option('--format-file <file>', 'a format of your own, as in the settings of a reader')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway wiegand h10301 --facility 123 --number 4567',
        'gatehouse gateway wiegand h10301 --bits BD88EB80/26',
        'gatehouse gateway wiegand --format-file format.json --bits 3280029CC0',
      ),
    )
    .action((name: WiegandName | undefined, options: Options, command: Command) => {
      if ((name === undefined) === (options.formatFile === undefined))
        command.error('error: give a format by its name or by --format-file', { exitCode: 2 })
      if ((options.bits === undefined) === (options.number === undefined))
        command.error('error: give --number or --bits', { exitCode: 2 })
      const format = name ?? ownFormat(options.formatFile!)
      const frame = options.bits === undefined ? frameOfNumbers(options, format) : readFrame(options.bits, format)
      const told = tell(frame, format)
      process.stdout.write(`${options.json ? JSON.stringify(told) : inLines(told)}\n`)
    })
}

function ownFormat(file: string): CustomFormat {
  const format = readJson(file, CustomFormat)
  const mistakes = customFormatMistakes(format)
  if (mistakes.length === 0) return format
  throw cannot(
    `${file} has mistakes:\n${mistakes.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')}`,
  )
}

function frameOfNumbers({ facility, number }: Options, format: WiegandName | CustomFormat): Frame {
  const numbers: CardNumbers = {
    facility: facility === undefined ? null : numberIn(facility, '--facility'),
    number: numberIn(number!, '--number'),
  }
  const frame = encodeFrame(numbers, format)
  if (frame.ok) return frame.value
  throw cannot(wordsOf(frame.failure, format))
}

function numberIn(text: string, option: string): bigint {
  if (!/^\d{1,39}$/.test(text)) throw cannot(`${option} must be a number in decimal`)
  return BigInt(text)
}

function wordsOf(failure: NotEncoded, format: WiegandName | CustomFormat): string {
  const { facility, number } = layoutOf(format)
  const words: Record<NotEncoded, string> = {
    no_facility: 'This format has no facility code: leave --facility out.',
    facility_missing: 'This format has a facility code: give --facility.',
    facility_out_of_range: `The facility code must be from 0 to ${facility && mostOf(facility)}.`,
    number_out_of_range: `The card number must be from 0 to ${mostOf(number)}.`,
  }
  return words[failure]
}

function readFrame(text: string, format: WiegandName | CustomFormat): Frame {
  const [bits = '', count] = text.split('/')
  const bitCount = count === undefined ? layoutOf(format).bits : Number(count)
  if (!/^\d{1,3}$/.test(count ?? '0') || bitCount < 1 || fromHex(bits)?.length !== Math.ceil(bitCount / 8))
    throw cannot(`--bits must be ${Math.ceil(bitCount / 8) || 'whole'} bytes in hexadecimal, left-justified`)
  return frameOf(binaryOf({ bitCount, bits }))
}

/** Numbers are text: some have more than the 53 bits of a JSON number. */
type Told = {
  readonly format: string
  readonly facility: string | null
  readonly number: string
  readonly bitCount: number
  readonly binary: string
  readonly hex: string
  readonly leftJustified: string
  readonly card: { readonly technology: string; readonly bitCount: number; readonly bits: string }
}

function tell(frame: Frame, format: WiegandName | CustomFormat): Told {
  const decoded = decodeFrame(frame, format)
  if (!decoded.ok)
    throw cannot(
      decoded.failure === 'length'
        ? `These are ${frame.bitCount} bits, and the format has ${layoutOf(format).bits}.`
        : `The parity of bit ${decoded.at.join(' and ')} does not hold: this is no card of the format, or was misread.`,
    )
  const { facility, number } = decoded.value
  const binary = binaryOf(frame)
  return {
    format: typeof format === 'string' ? format : 'own',
    facility: facility === null ? null : String(facility),
    number: String(number),
    bitCount: frame.bitCount,
    binary,
    hex: numberOf(binary).toString(16),
    leftJustified: frame.bits,
    card: cardOfBits(frame, format).card,
  }
}

function inLines({ format, facility, number, bitCount, binary, hex, leftJustified, card }: Told): string {
  const rows: (readonly [string, string])[] = [
    ['format', `${format}, ${bitCount} bits`],
    ['facility code', facility ?? 'none'],
    ['card number', number],
    ['bits', binary],
    ['hexadecimal', hex],
    ['left-justified', leftJustified.toUpperCase()],
    ['card', `${card.technology} ${card.bits.toUpperCase()}, ${card.bitCount} bits`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(15)} ${value}`).join('\n')
}
