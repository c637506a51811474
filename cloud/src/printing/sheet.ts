import { CARD_MM } from './card.ts'
import { type Drawing, moved, type Shape } from './drawing.ts'

const A4_MM = { width: 210, height: 297 }
const ACROSS = 2
const DOWN = 5
const LEFT_MM = (A4_MM.width - ACROSS * CARD_MM.width) / 2
const TOP_MM = (A4_MM.height - DOWN * CARD_MM.height) / 2
const MARK_MM = { length: 5, apart: 1.5, thick: 0.15 }

/** Cards on sheets of A4, ten a sheet without a gap: one cut parts two cards. Marks in the margin show where. */
export function sheetsOf(cards: readonly Drawing[]): Drawing[] {
  const sheets: Drawing[] = []
  for (let first = 0; first < cards.length; first += ACROSS * DOWN) {
    const shapes = cards
      .slice(first, first + ACROSS * DOWN)
      .flatMap(({ shapes }, place) =>
        shapes.map(shape =>
          moved(
            shape,
            LEFT_MM + (place % ACROSS) * CARD_MM.width,
            TOP_MM + Math.floor(place / ACROSS) * CARD_MM.height,
          ),
        ),
      )
    sheets.push({ widthMm: A4_MM.width, heightMm: A4_MM.height, shapes: [...shapes, ...cutMarks()] })
  }
  return sheets
}

function cutMarks(): Shape[] {
  const { length, apart, thick } = MARK_MM
  const mark = (x: number, y: number, width: number, height: number): Shape => ({
    kind: 'rectangle',
    x: x - (width === thick ? thick / 2 : 0),
    y: y - (height === thick ? thick / 2 : 0),
    width,
    height,
    fill: '#525c6b',
  })
  const upright = Array.from({ length: ACROSS + 1 }, (_, at) => LEFT_MM + at * CARD_MM.width)
  const level = Array.from({ length: DOWN + 1 }, (_, at) => TOP_MM + at * CARD_MM.height)
  return [
    ...upright.flatMap(x => [
      mark(x, TOP_MM - apart - length, thick, length),
      mark(x, A4_MM.height - TOP_MM + apart, thick, length),
    ]),
    ...level.flatMap(y => [
      mark(LEFT_MM - apart - length, y, length, thick),
      mark(A4_MM.width - LEFT_MM + apart, y, length, thick),
    ]),
  ]
}
