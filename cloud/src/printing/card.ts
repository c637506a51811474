import type { Drawing, Shape } from './drawing.ts'
import { fitText, type Room } from './fit-text.ts'
import type { Fonts, Weight } from './fonts.ts'
import { QUIET_MODULES, qrPath } from './qr-path.ts'

/** What a printed pass says. Times and kinds come as words: the card knows neither zone nor language. */
export type Card = {
  readonly holderName: string
  readonly schoolName: string
  /** "Student" */
  readonly kind: string
  readonly serial: number
  /** "1 Sep 2026" */
  readonly from: string
  readonly until: string
  /** GHP1 STATIC. */
  readonly digits: string
  /** A JPEG in the proportions of {@link PHOTO}; null draws a silhouette. */
  readonly photo: Uint8Array | null
}

export type DrawnCard = {
  readonly drawing: Drawing
  /** Characters that no font has: they are boxes on the card. */
  readonly undrawn: readonly string[]
}

/** ISO/IEC 7810 ID-1, the size of a bank card. */
export const CARD_MM = { width: 85.6, height: 53.98 } as const

/** Where the photo stands. */
export const PHOTO = { x: 4, y: 14, width: 17.6, height: 22 } as const

/** Eight dots of a printer of 300 dpi, so that every module is as wide as the next: 0.677 mm, above the 0.4 mm that scanners need. */
export const MODULE_MM = (8 * 25.4) / 300

const PAPER = '#ffffff'
const INK = '#14181f'
const MUTED = '#525c6b'
const ACCENT = '#0b3d7a'
const SHADE = '#e3e8ef'
const SHADOW = '#9aa6b6'
const BAND_MM = 10.6
const MARGIN_MM = 4

/** Lays a pass out on a card. */
export function drawCard(fonts: Fonts, card: Card): DrawnCard {
  const code = codeAt(card.digits)
  const leftMm = code.x - MODULE_MM * QUIET_MODULES - 0.6 - MARGIN_MM
  const beside = PHOTO.x + PHOTO.width + 3
  const undrawn = new Set<string>()
  const text = (at: { x: number; y: number }, said: string, weight: Weight, fill: string, room: Room): Shape[] => {
    const { sizeMm, lines } = fitText(fonts, said, weight, room)
    for (const line of lines) for (const lost of line.undrawn) undrawn.add(lost)
    return lines.map(({ path }, row) => ({
      kind: 'path',
      x: at.x,
      y: at.y + row * sizeMm * 1.22,
      scale: sizeMm / 1000,
      path,
      fill: fill as `#${string}`,
    }))
  }
  const line = (widthMm: number, largestMm: number, smallestMm: number): Room => ({
    widthMm,
    largestMm,
    oneLineMm: smallestMm,
    smallestMm: null,
  })
  const fact = (row: number, name: string, value: string): Shape[] => {
    const widthMm = MARGIN_MM + leftMm - beside
    const y = PHOTO.y + 2 + row * 7.75
    return [
      ...text({ x: beside, y }, name, 400, MUTED, line(widthMm, 2.1, 1.6)),
      ...text({ x: beside, y: y + 3.4 }, value, 600, INK, line(widthMm, 3, 2)),
    ]
  }

  return {
    drawing: {
      widthMm: CARD_MM.width,
      heightMm: CARD_MM.height,
      shapes: [
        { kind: 'rectangle', x: 0, y: 0, width: CARD_MM.width, height: CARD_MM.height, fill: PAPER },
        { kind: 'rectangle', x: 0, y: 0, width: CARD_MM.width, height: BAND_MM, fill: ACCENT },
        ...text({ x: MARGIN_MM, y: 6.75 }, card.schoolName, 600, PAPER, line(CARD_MM.width - 2 * MARGIN_MM, 4.1, 2.4)),
        ...(card.photo === null ? silhouette() : [{ kind: 'photo' as const, ...PHOTO, jpeg: card.photo }]),
        ...fact(0, 'Pass', `${card.kind} ${card.serial}`),
        ...fact(1, 'From', card.from),
        ...fact(2, 'Until', card.until),
        ...text({ x: MARGIN_MM, y: 43.4 }, card.holderName, 600, INK, {
          widthMm: leftMm,
          largestMm: 5.4,
          oneLineMm: 4,
          smallestMm: 2.9,
        }),
        code,
      ],
    },
    undrawn: [...undrawn],
  }
}

/** The code stands right, in the middle of what the band leaves, on the dots of a 300 dpi printer. */
function codeAt(digits: string): Extract<Shape, { kind: 'path' }> {
  const { path, modules } = qrPath(digits)
  const size = modules * MODULE_MM
  const dot = (mm: number) => (Math.round((mm * 300) / 25.4) * 25.4) / 300
  return {
    kind: 'path',
    x: dot(CARD_MM.width - size - MODULE_MM * QUIET_MODULES - 1),
    y: dot(BAND_MM + (CARD_MM.height - BAND_MM - size) / 2),
    scale: MODULE_MM,
    path,
    fill: '#000000',
  }
}

/** Head and shoulders of nobody. */
function silhouette(): Shape[] {
  const { x, y, width, height } = PHOTO
  return [
    { kind: 'rectangle', x, y, width, height, fill: SHADE },
    {
      kind: 'path',
      x: x + width / 2,
      y: y + height,
      scale: 1,
      path: 'M-6.6 0V-2.4C-6.6 -6 -3.8 -8.2 0 -8.2S6.6 -6 6.6 -2.4V0ZM0 -9.6C2.5 -9.6 4.1 -11.7 4.1 -14.2S2.4 -18.2 0 -18.2S-4.1 -16.7 -4.1 -14.2S-2.5 -9.6 0 -9.6Z',
      fill: SHADOW,
    },
  ]
}
