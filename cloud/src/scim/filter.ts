/** RFC 7644 section 3.4.2.2: what an identity provider asks for. Names of attributes and operators have no case. */
export type Filter =
  | {
      readonly kind: 'compare'
      readonly attribute: string
      readonly operator: Operator
      readonly value: string | boolean | null
    }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly filter: Filter }

const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew'] as const
export type Operator = (typeof OPERATORS)[number]

export class WrongFilter extends Error {}

const FILTER_CHARACTERS_MAX = 1_000
const DEPTH_MAX = 10

/** Throws `WrongFilter` with what is not understood. */
export function parseFilter(text: string): Filter {
  if (text.length > FILTER_CHARACTERS_MAX)
    throw new WrongFilter(`A filter has at most ${FILTER_CHARACTERS_MAX} characters.`)
  const words = wordsOf(text)
  let at = 0
  const peek = () => words[at]?.toLowerCase()
  const take = () => {
    const word = words[at++]
    if (word === undefined) throw new WrongFilter('The filter ends too early.')
    return word
  }

  /** `or` binds less than `and`. */
  function either(depth: number): Filter {
    let left = both(depth)
    while (peek() === 'or') {
      take()
      left = { kind: 'or', left, right: both(depth) }
    }
    return left
  }
  function both(depth: number): Filter {
    let left = one(depth)
    while (peek() === 'and') {
      take()
      left = { kind: 'and', left, right: one(depth) }
    }
    return left
  }
  function one(depth: number): Filter {
    if (depth > DEPTH_MAX) throw new WrongFilter('The filter has too many brackets.')
    if (peek() === 'not') {
      take()
      if (peek() !== '(') throw new WrongFilter('After not comes a bracket.')
      return { kind: 'not', filter: one(depth + 1) }
    }
    if (peek() === '(') {
      take()
      const inside = either(depth + 1)
      if (take() !== ')') throw new WrongFilter('A bracket is opened and not closed.')
      return inside
    }
    return comparison()
  }
  function comparison(): Filter {
    const attribute = attributeOf(take())
    const operator = take().toLowerCase()
    if (operator === 'pr') return { kind: 'present', attribute }
    if (!(OPERATORS as readonly string[]).includes(operator))
      throw new WrongFilter(`${operator} is not understood here: ${OPERATORS.join(', ')}, pr.`)
    return { kind: 'compare', attribute, operator: operator as Operator, value: valueIn(take()) }
  }

  const filter = either(0)
  if (at < words.length) throw new WrongFilter(`${words[at]} is one word too many.`)
  return filter
}

/** Without the schema's name before it: `urn:...:User:userName`. */
export function attributeOf(word: string): string {
  return word.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i, '').toLowerCase()
}

function valueIn(word: string): string | boolean | null {
  try {
    const value: unknown = JSON.parse(word)
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  } catch {
    // Entra writes True.
    if (/^(true|false)$/i.test(word)) return word.toLowerCase() === 'true'
  }
  throw new WrongFilter(`${word} is no value: write text in quotation marks.`)
}

function wordsOf(text: string): string[] {
  const words = text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g) ?? []
  if (
    words.join('').length !== text.replace(/"(?:[^"\\]|\\.)*"|\s/g, word => (word.startsWith('"') ? word : '')).length
  ) {
    throw new WrongFilter('A quotation mark is not closed.')
  }
  return words
}
