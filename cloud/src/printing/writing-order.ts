/** A part of a text that is written in one direction. */
export type DirectedRun = { readonly text: string; readonly rightToLeft: boolean }

const RIGHT_TO_LEFT = /^[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
const DIGIT = /^\p{N}/u
const LETTER = /^\p{L}/u
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const MIRRORED = new Map(['()', '[]', '{}', '«»', '<>'].flatMap(([a, b]) => [[a!, b!] as const, [b!, a!] as const]))

/**
 * The runs of a line in the order in which they stand on paper, from the left. What has no direction goes with its neighbours where
 * they agree, else with the line, whose direction is that of its first letter. This is UAX #9 as far as names need it: a line of runs,
 * nothing nested.
 */
export function writingOrder(text: string): DirectedRun[] {
  const characters = [...graphemes.segment(text)].map(({ segment }) => segment)
  const strong = characters.map(directionOf)
  const line = strong[characters.findIndex(character => LETTER.test(character))] ?? false
  const runs: { text: string; rightToLeft: boolean }[] = []
  for (const [at, character] of characters.entries()) {
    const rightToLeft = strong[at] ?? between(strong, at, line)
    const last = runs.at(-1)
    const shown = rightToLeft ? (MIRRORED.get(character) ?? character) : character
    if (last?.rightToLeft === rightToLeft) last.text += shown
    else runs.push({ text: shown, rightToLeft })
  }
  return line ? runs.toReversed() : runs
}

/** True: right to left. Null: whatever its neighbours are. */
function directionOf(character: string): boolean | null {
  if (DIGIT.test(character)) return false
  if (!LETTER.test(character)) return null
  return RIGHT_TO_LEFT.test(character)
}

function between(strong: readonly (boolean | null)[], at: number, line: boolean): boolean {
  const before = strong.slice(0, at).findLast(direction => direction !== null) ?? line
  const after = strong.slice(at + 1).find(direction => direction !== null) ?? line
  return before === after ? before : line
}
