import { CARD_MM, type DrawnCard, MODULE_MM } from './card.ts'
import type { Shape } from './drawing.ts'
import { fitText } from './fit-text.ts'
import type { Fonts, Weight } from './fonts.ts'
import { QUIET_MODULES, qrPath } from './qr-path.ts'

/** What the card of a one-time code says, in words of whatever language. */
export type CodeCard = {
  readonly schoolName: string
  readonly holderName: string
  /** "Student number S-1042" */
  readonly number: string
  /** "7K3M-9QXA-22BD" */
  readonly code: string
  /** Lines that say what to do, short. */
  readonly lines: readonly string[]
  /** What the square code opens. */
  readonly link: string
}

const INK = '#14181f'
const MUTED = '#525c6b'
const MARGIN_MM = 4
/** Finer than on a pass: it is read by a phone in the hand, once. */
const FINE_MM = MODULE_MM * 0.75

/** Lays a code out on a card of the size of a pass, so that sheets of both are cut alike. */
export function drawCodeCard(fonts: Fonts, card: CodeCard): DrawnCard {
  const undrawn = new Set<string>()
  const { path, modules } = qrPath(card.link)
  const size = modules * FINE_MM
  const codeX = CARD_MM.width - size - FINE_MM * QUIET_MODULES
  const beside = codeX - FINE_MM * QUIET_MODULES - MARGIN_MM
  const text = (
    y: number,
    said: string,
    weight: Weight,
    fill: `#${string}`,
    largestMm: number,
    widthMm: number,
  ): Shape[] => {
    if (said === '') return []
    const { sizeMm, lines } = fitText(fonts, said, weight, { widthMm, largestMm, oneLineMm: 1.9, smallestMm: null })
    for (const line of lines) for (const lost of line.undrawn) undrawn.add(lost)
    return lines.map(line => ({ kind: 'path', x: MARGIN_MM, y, scale: sizeMm / 1000, path: line.path, fill }))
  }
  const whole = CARD_MM.width - 2 * MARGIN_MM
  return {
    drawing: {
      widthMm: CARD_MM.width,
      heightMm: CARD_MM.height,
      shapes: [
        { kind: 'rectangle', x: 0, y: 0, width: CARD_MM.width, height: CARD_MM.height, fill: '#ffffff' },
        ...text(7, card.schoolName, 600, MUTED, 3.2, whole),
        ...text(13.5, card.holderName, 600, INK, 4.6, beside),
        ...text(18.5, card.number, 400, MUTED, 2.8, beside),
        ...text(27, card.code, 600, INK, 5, beside),
        ...card.lines.flatMap((line, row) => text(34 + row * 4.2, line, 400, INK, 2.6, beside)),
        {
          kind: 'path',
          x: codeX,
          y: CARD_MM.height - size - FINE_MM * QUIET_MODULES,
          scale: FINE_MM,
          path,
          fill: '#000000',
        },
      ],
    },
    undrawn: [...undrawn],
  }
}
