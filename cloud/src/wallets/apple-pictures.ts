import { drawPng } from '../printing/draw-png.ts'
import type { Drawing } from '../printing/drawing.ts'
import { fitText } from '../printing/fit-text.ts'
import type { Fonts } from '../printing/fonts.ts'

/** Points, as Apple counts them: an icon for notices, a logo beside the school's name. */
const PICTURES = { icon: 29, logo: 44 } as const
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** The pictures a pass for Apple Wallet needs, each for screens of one, two and three dots a point: the school's first letter. */
export async function applePictures(fonts: Fonts, schoolName: string): Promise<Record<string, Buffer>> {
  const all = Object.entries(PICTURES).flatMap(([name, size]) =>
    [1, 2, 3].map(async dots => {
      const picture = await drawPng(markOf(fonts, schoolName, size), 25.4 * dots)
      return [`${name}${dots === 1 ? '' : `@${dots}x`}.png`, picture] as const
    }),
  )
  return Object.fromEntries(await Promise.all(all))
}

/** One point is one millimetre here, because a picture of 25.4 dots an inch has a dot a millimetre. */
function markOf(fonts: Fonts, schoolName: string, size: number): Drawing {
  const [first] = [...graphemes.segment(schoolName)].map(({ segment }) => segment)
  const room = { widthMm: size * 0.7, largestMm: size * 0.66, oneLineMm: size * 0.2, smallestMm: null }
  const { sizeMm, lines } = fitText(fonts, (first ?? 'G').toLocaleUpperCase('en'), 600, room)
  const { path, width } = lines[0]!
  return {
    widthMm: size,
    heightMm: size,
    shapes: [
      { kind: 'rectangle', x: 0, y: 0, width: size, height: size, fill: '#ffffff' },
      { kind: 'path', x: (size - width * sizeMm) / 2, y: size * 0.74, scale: sizeMm / 1000, path, fill: '#0b3d7a' },
    ],
  }
}
