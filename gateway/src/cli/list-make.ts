import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { ShortName } from '@gatehouse/shared/wire/hardware/port.ts'
import { Command } from 'commander'
import { onTheWall } from '../core/wall.ts'
import { readCards } from '../list/cards-file.ts'
import { ListKey, makeList, standaloneGate } from '../list/make-list.ts'
import { writeWhole } from '../store/write-whole.ts'
import { csvRecords } from './csv.ts'
import { readJson } from './read-json.ts'
import { cannot, examples } from './usage.ts'

type Options = { gate: string; out?: string; timeZone: string; json?: true }

export function listMakeCommand(): Command {
  return new Command('make')
    .description(
      'Make the signed list of a gate without a cloud from a CSV file: card, and if wanted technology, name, from, until. Makes the gate’s identity too, the first time.',
    )
    .argument('<cards.csv>', 'the cards, with a heading')
    .requiredOption('--gate <name>', 'short name of the gate')
    .option('--out <folder>', 'where identity.json and list.ghl go (default: a folder of that name)')
    .option('--time-zone <zone>', 'in which dates are meant', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse list make cards.csv --gate north',
        'gatehouse gateway run --config north/gate.json --standalone',
      ),
    )
    .action((file: string, options: Options) => listMake(file, options))
}

async function listMake(file: string, { gate, out = gate, timeZone, json }: Options): Promise<void> {
  const shortName = ShortName.safeParse(gate)
  if (!shortName.success) throw cannot(`--gate ${gate}: ${shortName.error.issues[0]!.message}`)
  if (!isTimeZone(timeZone)) throw cannot(`--time-zone ${timeZone} is none: name one such as Europe/Berlin`)
  if (!existsSync(file)) throw cannot(`there is no ${file}`)
  const cards = readCards(csvRecords(readFileSync(file, 'utf8')), timeZone)
  if (!cards.ok) throw cannot(`${file} has mistakes, and nothing was written:\n${cards.failure}`)

  const paths = {
    identity: join(out, 'identity.json'),
    key: join(out, 'list-key.json'),
    list: join(out, 'list.ghl'),
    passes: join(out, 'passes.csv'),
  }
  const isNew = !existsSync(paths.identity)
  const { identity, listKey } = isNew
    ? standaloneGate(gate, timeZone)
    : { identity: readJson(paths.identity, GateIdentity), listKey: readJson(paths.key, ListKey) }
  if (identity.cloud !== null)
    throw cannot(`${paths.identity} belongs to a gate of ${identity.cloud.http}: its lists come from there`)

  const next: ListKey = { ...listKey, version: listKey.version + 1 }
  const { carried, passes } = await makeList(cards.value, {
    identity,
    listKey: next,
    nowS: Math.floor(Date.now() / 1000),
  })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  if (isNew) writeWhole(paths.identity, `${JSON.stringify(identity, null, 2)}\n`, 0o600)
  // The version first: a list that was not written costs a number, one that was signed twice would cost its trust.
  writeWhole(paths.key, `${JSON.stringify(next)}\n`, 0o600)
  writeWhole(paths.list, `${carried}\n`)
  writeWhole(
    paths.passes,
    `passId,name\n${passes.map(({ passId, name }) => `${passId},${quoted(name)}\n`).join('')}`,
    0o600,
  )

  process.stdout.write(
    json
      ? `${JSON.stringify({ cards: passes.length, version: next.version, ...paths })}\n`
      : `${passes.length} cards in ${paths.list}, version ${next.version}. ${paths.passes} says which pass is whose.\n`,
  )
}

/** A cell that begins like a formula would be one in a spreadsheet. */
function quoted(name: string): string {
  const safe = /^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(name) ? `'${name}` : name
  return /[",\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function isTimeZone(timeZone: string): boolean {
  try {
    onTheWall(0, timeZone)
    return true
  } catch {
    return false
  }
}
