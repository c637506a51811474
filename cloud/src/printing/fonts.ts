import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { create, type Font, type PathCommand } from 'fontkit'
import { writingOrder } from './writing-order.ts'

/**
 * Text as outlines, from fonts that come with the service: no font of the machine is ever asked, so a pass looks the same wherever it
 * is made. The one file that knows `fontkit`.
 */

export type Weight = 400 | 600

/** A line of text: the outlines in thousandths of an em, baseline at 0, y downwards. */
export type Outlined = {
  /** An SVG path. */
  readonly path: string
  /** In em. */
  readonly width: number
  /** What no font has, each once: it is a box in the outlines. */
  readonly undrawn: readonly string[]
}

export type Fonts = { outline(text: string, weight: Weight): Outlined }

/** In the order in which they are asked. One family has one weight only. */
const FAMILIES: readonly { readonly name: string; readonly weights: readonly Weight[] }[] = [
  { name: 'inter', weights: [400, 600] },
  { name: 'noto-sans-arabic', weights: [400, 600] },
  { name: 'noto-sans-hebrew', weights: [400, 600] },
  { name: 'noto-sans-devanagari', weights: [400, 600] },
  { name: 'noto-sans-thai', weights: [400, 600] },
  { name: 'noto-sans-sc', weights: [400, 600] },
  { name: 'gowun-dodum', weights: [400] },
]

const EM = 1000
const BOX = { width: 620, height: 700, line: 50 }

type Subset = { readonly ranges: readonly (readonly [number, number])[]; readonly font: (weight: Weight) => Font }
type Piece = { readonly text: string; readonly subset: Subset | null }

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u

/** Files are read when a text first needs them: each holds one part of Unicode and is small. */
export function openFonts(): Fonts {
  const subsets = FAMILIES.flatMap(subsetsOf)

  function subsetFor(text: string, before: Subset | null): Subset | null {
    const needed = [...text].filter(one => !IGNORABLE.test(one)).map(one => one.codePointAt(0)!)
    const has = ({ ranges, font }: Subset) =>
      needed.every(point => ranges.some(([from, to]) => from <= point && point <= to)) &&
      needed.every(point => font(400).hasGlyphForCodePoint(point))
    // A space or a hyphen stays with the letters beside it: kerning and joining go on across it.
    if (before !== null && !LETTER_OR_DIGIT.test(text) && has(before)) return before
    return subsets.find(has) ?? null
  }

  function piecesOf(text: string, undrawn: Set<string>): Piece[] {
    const pieces: { text: string; subset: Subset | null }[] = []
    const add = (part: string, subset: Subset | null) => {
      const last = pieces.at(-1)
      if (subset !== null && last?.subset === subset) last.text += part
      else pieces.push({ text: part, subset })
    }
    for (const { segment } of graphemes.segment(text)) {
      const before = pieces.at(-1)?.subset ?? null
      const [base, ...marks] = [...segment]
      const whole = subsetFor(segment, before)
      // A letter without its rare mark says more than a box.
      const subset = whole ?? (LETTER_OR_DIGIT.test(base!) ? subsetFor(base!, before) : null)
      if (whole === null) for (const lost of subset === null ? [segment] : marks) undrawn.add(lost)
      add(whole === null && subset !== null ? base! : segment, subset)
    }
    return pieces
  }

  return {
    outline(text, weight) {
      const undrawn = new Set<string>()
      const path: string[] = []
      let pen = 0
      for (const { text: run, rightToLeft } of writingOrder(text.normalize('NFC'))) {
        const pieces = piecesOf(run, undrawn)
        for (const piece of rightToLeft ? pieces.toReversed() : pieces) {
          if (piece.subset === null) {
            path.push(boxAt(pen))
            pen += BOX.width + BOX.line * 2
          } else {
            pen = drawPiece(path, piece.subset.font(weight), piece.text, { pen, rightToLeft })
          }
        }
      }
      return { path: path.join(''), width: pen / EM, undrawn: [...undrawn] }
    },
  }
}

/** Writes the outlines of a piece and answers where the pen is after it. */
function drawPiece(
  path: string[],
  font: Font,
  text: string,
  { pen, rightToLeft }: { readonly pen: number; readonly rightToLeft: boolean },
): number {
  const scale = EM / font.unitsPerEm
  const { glyphs, positions } = font.layout(text, undefined, undefined, undefined, rightToLeft ? 'rtl' : 'ltr')
  let at = pen
  for (const [index, { path: outline }] of glyphs.entries()) {
    const { xAdvance, xOffset, yOffset } = positions[index]!
    let from: Point = [0, 0]
    for (const { command, args } of outline.commands) {
      const points = pairs(args).map(([x, y]): Point => [at + (xOffset + x) * scale, -(yOffset + y) * scale])
      path.push(step(command, points, from))
      from = points.at(-1) ?? from
    }
    at += xAdvance * scale
  }
  return at
}

type Point = readonly [x: number, y: number]

/**
 * One command of an outline in SVG. A curve of the second degree is written as one of the third: PDF has no other, and pdfkit does not
 * turn them over.
 */
function step(command: PathCommand['command'], points: readonly Point[], from: Point): string {
  switch (command) {
    case 'moveTo':
      return `M${said(points)}`
    case 'lineTo':
      return `L${said(points)}`
    case 'quadraticCurveTo': {
      const [bend, to] = points as [Point, Point]
      const pulled = ([x, y]: Point): Point => [x + (2 / 3) * (bend[0] - x), y + (2 / 3) * (bend[1] - y)]
      return `C${said([pulled(from), pulled(to), to])}`
    }
    case 'bezierCurveTo':
      return `C${said(points)}`
    case 'closePath':
      return 'Z'
  }
}

function said(points: readonly Point[]): string {
  return points.flat().map(tenth).join(' ')
}

/** What stands for a character that no font has: an empty box. The inside turns the other way round, so it stays empty. */
function boxAt(pen: number): string {
  const { width, height, line } = BOX
  const x = tenth(pen + line)
  return (
    `M${x} 0h${width}v${-height}h${-width}Z` +
    `M${x + line} ${-line}v${line * 2 - height}h${width - line * 2}v${height - line * 2}Z`
  )
}

function pairs(numbers: readonly number[]): Point[] {
  return Array.from({ length: numbers.length / 2 }, (_, at) => [numbers[at * 2]!, numbers[at * 2 + 1]!])
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}

const files = createRequire(import.meta.url)

function subsetsOf({ name, weights }: (typeof FAMILIES)[number]): Subset[] {
  const ranges: Record<string, string> = JSON.parse(
    readFileSync(files.resolve(`@fontsource/${name}/unicode.json`), 'utf8'),
  )
  return Object.entries(ranges).map(([subset, text]) => {
    const opened = new Map<Weight, Font>()
    return {
      ranges: text.split(',').map(rangeOf),
      font(asked) {
        const weight = weights.includes(asked) ? asked : weights[0]!
        let font = opened.get(weight)
        if (font === undefined) {
          const file = `@fontsource/${name}/files/${name}-${subset.replace(/[[\]]/g, '')}-${weight}-normal.woff`
          font = create(readFileSync(files.resolve(file)))
          opened.set(weight, font)
        }
        return font
      },
    }
  })
}

/** `U+0460-052F` or `U+20B4`. */
function rangeOf(text: string): readonly [number, number] {
  const [from, to] = text
    .trim()
    .replace(/^U\+/i, '')
    .split('-')
    .map(part => Number.parseInt(part, 16))
  return [from!, to ?? from!]
}
