import { Command } from 'commander'
import { FAMILY_NAMES } from './family-config.ts'
import { another } from './settings.ts'
import { examples } from './usage.ts'

export function decodeCommand(): Command {
  return new Command('decode')
    .description('What the driver of a family makes of bytes: scans, what it drops and why, and what it would answer.')
    .argument('<family>', `one of ${FAMILY_NAMES}; names of shared/vectors/protocols.json are taken as well`)
    .argument('<hex...>', 'bytes, each argument one chunk as it came from the line')
    .option('--set <name=value>', 'a setting of the family, as many as needed', another, [])
    .option('--apart <ms>', 'time between chunks, milliseconds', '0')
    .option(
      '--json',
      'answer in JSON: {family, scans: [{kind, ...}], dropped: [word...], answers: [hex...], heard: [{...}...]}',
    )
    .addHelpText(
      'after',
      `
A scan is {"kind": "card", "card": {technology, bitCount, bits}}, {"kind": "code", "text"} or {"kind": "misread", "card"}. "heard" is what a board says.
${examples(
  'gatehouse gateway decode rdm6300 0230313030303733344530443203',
  'gatehouse gateway decode rdm6300 0230313030 303733344530443203 --json',
  'gatehouse gateway decode controller 0002120104081001010103f24700',
)}`,
    )
    .action(async (family: string, hex: string[], options: { set: string[]; apart: string; json?: true }) => {
      const { decodeBytes } = await import('./decode-bytes.ts')
      await decodeBytes(family, hex, options)
    })
}
