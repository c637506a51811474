import sharp from 'sharp'
import { drawSvg } from './draw-svg.ts'
import type { Drawing } from './drawing.ts'

/** A camera's picture is smaller than this; what claims more is no photo. */
const PIXELS_MAX = 50_000_000

/** A drawing as PNG, so many dots an inch, on white. The one file that knows `sharp`. */
export function drawPng(drawing: Drawing, dpi: number): Promise<Buffer> {
  return sharp(Buffer.from(drawSvg(drawing, dpi)))
    .flatten({ background: '#ffffff' })
    .withMetadata({ density: dpi })
    .png()
    .toBuffer()
}

/** A photo cut to its place, upright, without what the camera wrote into it. Null: it is no picture. */
export async function fitPhoto(
  photo: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  dpi: number,
): Promise<Buffer | null> {
  const dots = (mm: number) => Math.round((mm * dpi) / 25.4)
  try {
    return await sharp(photo, { limitInputPixels: PIXELS_MAX })
      .rotate()
      .resize(dots(width), dots(height), { fit: 'cover', position: 'attention' })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 88 })
      .toBuffer()
  } catch {
    return null
  }
}
