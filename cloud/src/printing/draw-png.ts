import { cutTo, pngOf } from '../pictures/pictures.ts'
import { drawSvg } from './draw-svg.ts'
import type { Drawing } from './drawing.ts'

/** A drawing as PNG, so many dots an inch, on white. */
export function drawPng(drawing: Drawing, dpi: number): Promise<Buffer> {
  return pngOf(drawSvg(drawing, dpi), dpi)
}

/** A photo cut to its place in millimetres, upright. Null: it is no picture. */
export function fitPhoto(
  photo: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  dpi: number,
): Promise<Buffer | null> {
  const dots = (mm: number) => Math.round((mm * dpi) / 25.4)
  return cutTo(photo, dots(width), dots(height))
}
