import { BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { readWithoutLine } from '@gatehouse/shared/wire/hardware/without-line.ts'
import { z } from 'zod'
import { cannot } from './usage.ts'

type Alias = { readonly family: string; readonly settings?: Readonly<Record<string, unknown>> }

/** Names that people and `shared/vectors/protocols.json` have for a family. */
const ALIASES: Readonly<Record<string, Alias>> = {
  id12: { family: 'rdm6300' },
  'id-20la': { family: 'rdm6300' },
  qr: { family: 'line' },
  twn3wiegandAscii: { family: 'twn3', settings: { format: 'h10301' } },
  zebraSSI: { family: 'zebra-ssi' },
  tx1500: { family: 'digicon' },
  machpower: { family: 'mach-power' },
  gate7e: { family: 'gate-7e' },
  dcttech: { family: 'hid-relay' },
  hidPos: { family: 'hid-pos' },
}

export type FamilyConfig =
  | { readonly of: 'reader'; readonly config: ReaderConfig }
  | { readonly of: 'board'; readonly config: BoardConfig }

const READERS = ReaderConfig.options.map(option => option.shape.family.value)
const BOARDS = BoardConfig.options.map(option => option.shape.family.value)

export const FAMILY_NAMES = [...READERS, ...BOARDS].join(', ')

/** A device of a family with these settings, on no line yet. */
export function familyConfig(name: string, given: Readonly<Record<string, unknown>>): FamilyConfig {
  const { family, settings = {} } = (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined) ?? { family: name }
  const all = { id: 'device', ...settings, ...given, family }
  if (READERS.some(reader => reader === family)) return { of: 'reader', config: parsed(ReaderConfig, all) }
  if (BOARDS.some(board => board === family)) return { of: 'board', config: parsed(BoardConfig, all) }
  throw cannot(`There is no family ${name}. There is: ${FAMILY_NAMES}.`)
}

function parsed<Config>(schema: z.ZodType<Config>, all: Readonly<Record<string, unknown>>): Config {
  const read = readWithoutLine(schema, all)
  if (read.success) return read.data
  throw cannot(`${String(all.family)} has other settings:\n${z.prettifyError(read.error)}`)
}
