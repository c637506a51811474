import { z } from 'zod'
import { BoardConfig } from './board-config.ts'
import { DoorConfig } from './door-config.ts'
import { ReaderConfig } from './reader-config.ts'

/**
 * What people can set, read off the schemas: a form is made from it, and a change is told by it. A new setting in a schema is a field
 * here without a line more.
 */

type Said = {
  readonly key: string
  readonly title: string
  readonly hint: string | null
  /** Neither asked for nor filled in: it may be left out. */
  readonly isOptional: boolean
  /** What it is when nobody says; undefined: it has to be said. */
  readonly initial: unknown
}
export type TextField = Said & { readonly kind: 'text' }
export type NumberField = Said & { readonly kind: 'number'; readonly min: number; readonly max: number }
export type SwitchField = Said & { readonly kind: 'switch' }
export type GroupField = Said & { readonly kind: 'group'; readonly fields: readonly Field[] }
export type ListField = Said & { readonly kind: 'list'; readonly fields: readonly Field[]; readonly max: number }
/** One of several: words and numbers, or shapes that differ in their fields. `by`: the field whose word says which shape it is. */
export type PickField = Said & {
  readonly kind: 'pick'
  readonly by: string | null
  readonly options: readonly Option[]
}
export type Option =
  | { readonly value: string | number; readonly fields: null }
  | { readonly value: string; readonly fields: readonly Field[] }
export type Field = TextField | NumberField | SwitchField | GroupField | ListField | PickField

/** Of a shape among words that no field tells from the others. */
export const OWN_SHAPE = 'own'

/** The part of JSON Schema that our schemas come to. */
type Schema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: string | number
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const TITLES: Readonly<Record<string, string>> = {
  port: 'Line',
  kind: 'Kind',
  output: 'Relay',
  card: 'Card in the text',
  format: 'Format',
  from: 'From bit',
  to: 'To bit',
  swapped: 'Left and right are swapped',
  machine: 'Machine number',
  parity: 'Parity bits',
}

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as Schema

/** The settings of each family of readers and of boards, without the word of the family itself. */
export const READER_FIELDS = byFamily(schemaOf(ReaderConfig))
export const BOARD_FIELDS = byFamily(schemaOf(BoardConfig))
export const DOOR_FIELDS = fieldsOf(schemaOf(DoorConfig))

function byFamily({ oneOf = [] }: Schema): ReadonlyMap<string, readonly Field[]> {
  return new Map(oneOf.map(shape => [String(shape.properties?.family?.const), fieldsOf(shape, 'family')]))
}

function fieldsOf({ properties = {}, required = [] }: Schema, but: string | null = null): readonly Field[] {
  return Object.entries(properties)
    .filter(([key]) => key !== but)
    .map(([key, schema]) => fieldOf(key, schema, required.includes(key)))
}

function fieldOf(key: string, schema: Schema, isRequired: boolean): Field {
  const said: Said = {
    key,
    title: schema.title ?? TITLES[key] ?? worded(key),
    hint: schema.description ?? null,
    isOptional: !isRequired && schema.default === undefined,
    initial: schema.default,
  }
  if (schema.enum !== undefined) return { ...said, kind: 'pick', by: null, options: schema.enum.map(wordOption) }
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined) return pickOf(said, flat(choices))
  switch (schema.type) {
    case 'boolean':
      return { ...said, kind: 'switch' }
    case 'integer':
    case 'number':
      return { ...said, kind: 'number', min: schema.minimum ?? 0, max: schema.maximum ?? Number.MAX_SAFE_INTEGER }
    case 'object':
      return { ...said, kind: 'group', fields: fieldsOf(schema) }
    case 'array':
      return { ...said, kind: 'list', fields: fieldsOf(schema.items ?? {}), max: schema.maxItems ?? 100 }
    default:
      return { ...said, kind: 'text' }
  }
}

function wordOption(value: string | number): Option {
  return { value, fields: null }
}

function flat(choices: readonly Schema[]): readonly Schema[] {
  return choices.flatMap(choice => (choice.anyOf === undefined ? [choice] : flat(choice.anyOf)))
}

function pickOf(said: Said, choices: readonly Schema[]): PickField {
  const by = Object.entries(choices[0]?.properties ?? {}).find(([, { const: word }]) => word !== undefined)?.[0] ?? null
  const options = choices.flatMap((choice): Option[] => {
    if (choice.enum !== undefined) return choice.enum.map(wordOption)
    if (choice.const !== undefined) return [wordOption(choice.const)]
    const value = by === null ? OWN_SHAPE : String(choice.properties?.[by]?.const)
    return [{ value, fields: fieldsOf(choice, by) }]
  })
  return { ...said, kind: 'pick', by, options }
}

/** Which option a value is; null: none. */
export function optionOf({ by, options }: PickField, value: unknown): Option | null {
  const isShape = typeof value === 'object' && value !== null
  const word = isShape ? (by === null ? OWN_SHAPE : (value as Record<string, unknown>)[by]) : value
  return options.find(option => option.value === word && (option.fields !== null) === isShape) ?? null
}

/** A value to begin with; what has to be said by a person is empty. */
export function blankOf(field: Field): unknown {
  if (field.isOptional) return undefined
  if (field.initial !== undefined) return field.initial
  switch (field.kind) {
    case 'group':
      return blankFields(field.fields)
    case 'list':
      return []
    case 'pick':
      return blankOption(field, field.options[0]!)
    case 'switch':
      return false
    case 'text':
    case 'number':
      return undefined
  }
}

export function blankOption({ by }: PickField, { value, fields }: Option): unknown {
  if (fields === null) return value
  return { ...(by === null ? {} : { [by]: value }), ...blankFields(fields) }
}

export function blankFields(fields: readonly Field[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(field => [field.key, blankOf(field)] as const).filter(([, value]) => value !== undefined),
  )
}

function worded(key: string): string {
  const words = key.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
  return words[0]!.toUpperCase() + words.slice(1)
}
