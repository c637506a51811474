import type { Fonts, Outlined, Weight } from './fonts.ts'

export type Room = {
  readonly widthMm: number
  /** The size of a line that has room enough. */
  readonly largestMm: number
  /** One line is set no smaller than this; then it is two. */
  readonly oneLineMm: number
  /** Two lines are set no smaller than this; then the end is cut. Null: one line only. */
  readonly smallestMm: number | null
}

export type Fitted = { readonly sizeMm: number; readonly lines: readonly Outlined[] }

const ELLIPSIS = '…'
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Sets a text into its room: smaller, then on two lines, then cut with an ellipsis. */
export function fitText(fonts: Fonts, text: string, weight: Weight, room: Room): Fitted {
  const outline = (part: string) => fonts.outline(part.trim(), weight)
  const { widthMm, largestMm, oneLineMm, smallestMm } = room
  const whole = outline(text)
  const sizeMm = Math.min(largestMm, widthMm / whole.width)
  if (sizeMm >= oneLineMm) return { sizeMm, lines: [whole] }
  if (smallestMm === null) return { sizeMm: oneLineMm, lines: [cut(outline, text, widthMm / oneLineMm)] }

  const broken = atSpace(outline, text)
  if (broken !== null && widthMm / broken.width >= smallestMm) {
    return { sizeMm: Math.min(oneLineMm, widthMm / broken.width), lines: broken.lines }
  }
  const width = widthMm / smallestMm
  const first = longest(outline, text, width, '')
  const rest = text.slice(first.length)
  return { sizeMm: smallestMm, lines: [outline(first), cut(outline, rest, width)] }
}

type Outline = (part: string) => Outlined

/** The break at a space that leaves the wider line least wide. */
function atSpace(
  outline: Outline,
  text: string,
): { readonly lines: readonly Outlined[]; readonly width: number } | null {
  const breaks = [...text.matchAll(/\s+/g)].map(({ index }) => {
    const lines = [outline(text.slice(0, index)), outline(text.slice(index))]
    return { lines, width: Math.max(...lines.map(({ width }) => width)) }
  })
  return breaks.toSorted((a, b) => a.width - b.width)[0] ?? null
}

function cut(outline: Outline, text: string, width: number): Outlined {
  const whole = outline(text)
  return whole.width <= width ? whole : outline(longest(outline, text, width, ELLIPSIS).trimEnd() + ELLIPSIS)
}

/** As much of the beginning as fits with the ending behind it: whole words where one fits, else whole characters. */
function longest(outline: Outline, text: string, width: number, ending: string): string {
  const ends = [...graphemes.segment(text)].map(({ index, segment }) => index + segment.length)
  let fits = 0
  let over = ends.length
  while (fits < over) {
    const middle = Math.ceil((fits + over) / 2)
    if (outline(text.slice(0, ends[middle - 1]) + ending).width <= width) fits = middle
    else over = middle - 1
  }
  const end = ends[fits - 1] ?? 0
  const space = text.slice(0, end + 1).lastIndexOf(' ')
  return text.slice(0, ending === '' && space > 0 ? space : end)
}
