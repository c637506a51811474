/** A JSON schema, as much of it as our own document uses. */
export type Schema = {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly minLength?: number
  readonly minItems?: number
  readonly properties?: Record<string, Schema>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

const FORMATS: Record<string, string> = {
  uuid: '0198c5f0-0000-7000-8000-000000000000',
  email: 'ada@school.example',
  'date-time': '2026-09-01T08:00:00Z',
  date: '2026-09-01',
  uri: 'https://school.example/',
}

/** Something of the schema's shape, every optional part filled in. Patterns are not met: a refusal is an answer too. */
export function sampleOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const choice = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (choice !== undefined) return sampleOf(choice[0]!)
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, sampleOf(part)]))
    case 'array':
      return schema.items === undefined ? [] : [sampleOf(schema.items)]
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return FORMATS[schema.format ?? ''] ?? 'abc'.padEnd(schema.minLength ?? 0, 'x')
  }
}

/** The same value over and over, with one text of it replaced each time. */
export function* withOneText(value: unknown, text: string): Generator<unknown> {
  if (typeof value === 'string') yield text
  else if (Array.isArray(value)) {
    for (const [at, part] of value.entries())
      for (const changed of withOneText(part, text)) yield value.with(at, changed)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      for (const changed of withOneText(part, text)) yield { ...value, [name]: changed }
    }
  }
}
