import { describe, expect, test } from 'vitest'
import { BoardConfig } from './board-config.ts'
import { DoorConfig } from './door-config.ts'
import { BOARD_WORDS, READER_WORDS } from './family-words.ts'
import { BOARD_FIELDS, blankFields, DOOR_FIELDS, type Field, optionOf, READER_FIELDS } from './fields.ts'
import { ReaderConfig } from './reader-config.ts'

const named = (fields: readonly Field[], key: string): Field => fields.find(field => field.key === key)!

test('every family has its fields, and words for people', () => {
  expect([...READER_FIELDS.keys()].toSorted()).toEqual(Object.keys(READER_WORDS).toSorted())
  expect([...BOARD_FIELDS.keys()].toSorted()).toEqual(Object.keys(BOARD_WORDS).toSorted())
})

describe('a field is what its schema says', () => {
  const line = READER_FIELDS.get('line')!
  test('a line is picked by its kind, and each kind has its own fields', () => {
    const port = named(line, 'port')
    if (port.kind !== 'pick') throw new Error('no pick')
    expect(port).toMatchObject({ title: 'Line', by: 'kind', isOptional: false })
    expect(port.options.map(({ value, fields }) => [value, fields?.map(({ key }) => key)])).toEqual([
      ['serial', ['path', 'baudRate', 'parity']],
      ['tcp', ['host', 'port']],
    ])
  })
  test('words, numbers, switches, texts, groups and lists', () => {
    expect(named(line, 'reads')).toMatchObject({ kind: 'pick', by: null, initial: 'code' })
    expect(named(line, 'aimId')).toMatchObject({ kind: 'switch', initial: false, title: 'Sends an AIM id' })
    expect(named(line, 'prefix')).toMatchObject({ kind: 'text', initial: '' })
    expect(named(line, 'card')).toMatchObject({ kind: 'group', isOptional: true })
    expect(named(DOOR_FIELDS, 'pulseMs')).toMatchObject({ kind: 'number', min: 100, max: 30_000, initial: 700 })
    expect(named(BOARD_FIELDS.get('kmtronic')!, 'relays')).toMatchObject({
      kind: 'pick',
      options: [1, 2, 4, 8].map(value => ({ value })),
    })
  })
  test('a card format is a word or an own layout', () => {
    const format = named(READER_FIELDS.get('twn3')!, 'format')
    if (format.kind !== 'pick') throw new Error('no pick')
    expect(optionOf(format, 'h10302')).toEqual({ value: 'h10302', fields: null })
    const own = optionOf(format, { bits: 26 })!
    expect(own.value).toBe('own')
    expect(own.fields!.map(({ key, kind }) => [key, kind])).toEqual([
      ['bits', 'number'],
      ['facility', 'group'],
      ['number', 'group'],
      ['parity', 'list'],
    ])
    expect(optionOf(format, 'h999')).toBeNull()
  })
})

describe('what a form begins with lacks only what a person has to say', () => {
  const SAID = new Set(['id', 'path', 'host', 'port', 'vendorId', 'productId', 'format', 'board', 'channel'])
  const lacks = (read: { error?: { issues: readonly { path: readonly PropertyKey[] }[] } | undefined }) =>
    (read.error?.issues ?? []).map(({ path }) => String(path.at(-1))).filter(key => !SAID.has(key))
  test.each([...READER_FIELDS])('reader %s', (family, fields) => {
    expect(lacks(ReaderConfig.safeParse({ family, ...blankFields(fields) }))).toEqual([])
  })
  test.each([...BOARD_FIELDS])('board %s', (family, fields) => {
    expect(lacks(BoardConfig.safeParse({ family, ...blankFields(fields) }))).toEqual([])
  })
  test('door', () => expect(lacks(DoorConfig.safeParse(blankFields(DOOR_FIELDS)))).toEqual([]))
})
