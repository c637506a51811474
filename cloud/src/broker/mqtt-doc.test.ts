import { readFileSync } from 'node:fs'
import { COMMAND_REFUSALS } from '@gatehouse/shared/command/acceptance.ts'
import { COMMAND_TYP, Command } from '@gatehouse/shared/command/command.ts'
import {
  CONFIGURATION_REFUSALS,
  GATE_CONFIGURATION_TYP,
  GateConfiguration,
} from '@gatehouse/shared/command/gate-configuration.ts'
import { CARD_TYP, SEALED_CARD_TYP, SeenCard } from '@gatehouse/shared/command/sealed-card.ts'
import { REFUSALS } from '@gatehouse/shared/decision/refusals.ts'
import { ACK_TYP, Ack, BATCH_EVENTS_MAX, BATCH_TYP, Batch } from '@gatehouse/shared/events/batch.ts'
import { EVENT_KINDS, EventRecord } from '@gatehouse/shared/events/record.ts'
import { LIST_HEAD_TYP, ListHead } from '@gatehouse/shared/list/documents.ts'
import { AccessLine, ApplicationLine, GateLine, GateState } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { expect, test } from 'vitest'
import { LETTER_REASONS } from '../events/read-event.ts'

const COMMAND_WORDS = [...COMMAND_REFUSALS, COMMAND_TYP, CARD_TYP, SEALED_CARD_TYP]
/** An invalid one is told by its mistakes. */
const CONFIGURATION_WORDS = [...CONFIGURATION_REFUSALS.filter(word => word !== 'invalid'), GATE_CONFIGURATION_TYP]

const text = readFileSync(new URL('../../../docs/mqtt.md', import.meta.url), 'utf8')

/** Field names in the first column of the tables below a heading that have one headed "field". */
function tables(heading: string): string[][] {
  const section = text.split(/^#+ /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('| field | |\n|---|---|\n')
    .slice(1)
    .map(table =>
      table
        .slice(0, table.search(/^(?!\|)/m))
        .split('\n')
        .flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(match => match[1]!)),
    )
}
const sorted = (names: readonly string[]) => [...names].sort()

for (const [heading, at, shape] of [
  ['What happened', 0, AccessLine.shape],
  ['How the gates are', 0, GateLine.shape],
  ['Applications that moved', 0, ApplicationLine.shape],
  ['A batch', 0, Batch.shape],
  ['A batch', 1, EventRecord.shape],
  ['An ack', 0, Ack.shape],
  ['A state', 0, GateState.shape],
  ['A command', 0, Command.shape],
  ['A configuration', 0, GateConfiguration.shape],
  ['A sealed card', 0, SeenCard.shape],
  ['A head', 0, ListHead.shape],
] as const) {
  test(`docs/mqtt.md tells every field of "${heading}" (table ${at + 1}) and no other`, () => {
    expect(sorted(tables(heading)[at] ?? [])).toEqual(sorted(Object.keys(shape)))
  })
}

test('docs/mqtt.md has every topic', () => {
  for (const topic of [
    topics.events('<school>', '<gate>'),
    topics.acks('<school>', '<gate>'),
    topics.state('<school>', '<gate>'),
    topics.commands('<school>', '<gate>'),
    topics.config('<school>', '<gate>'),
    topics.cards('<school>', '<gate>'),
    topics.list('<school>', '<scope>'),
    topics.accessFeed('<school>'),
    topics.gatesFeed('<school>'),
    topics.applicationsFeed('<school>'),
  ]) {
    expect(text).toContain(`\`${topic}\``)
  }
})

test('docs/mqtt.md has every kind, refusal, reason and type', () => {
  for (const word of [
    ...EVENT_KINDS,
    ...REFUSALS,
    ...LETTER_REASONS,
    BATCH_TYP,
    ACK_TYP,
    LIST_HEAD_TYP,
    ...COMMAND_WORDS,
    ...CONFIGURATION_WORDS,
  ]) {
    expect(text).toContain(`\`${word}\``)
  }
  expect(text).toContain(`1 to ${BATCH_EVENTS_MAX} of`)
})
