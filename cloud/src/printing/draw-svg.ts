import type { Drawing, Shape } from './drawing.ts'

/** A drawing as SVG, so many dots an inch. It names no font and no address: text is outlines, photos are inside. */
export function drawSvg({ widthMm, heightMm, shapes }: Drawing, dpi: number): string {
  const dots = (mm: number) => Math.round((mm * dpi) / 25.4)
  // The whole dots a little beyond the paper: a box of the drawing's own size would stretch every module by a hair.
  const box = [dots(widthMm), dots(heightMm)].map(count => number((count * 25.4) / dpi)).join(' ')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${dots(widthMm)}" height="${dots(heightMm)}" viewBox="0 0 ${box}">` +
    `${shapes.map(element).join('')}</svg>`
  )
}

function element(shape: Shape): string {
  const { x, y } = shape
  switch (shape.kind) {
    case 'rectangle': {
      const { width, height, radius = 0, fill } = shape
      return `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${radius}" fill="${fill}"/>`
    }
    case 'path':
      return `<path transform="translate(${number(x)} ${number(y)}) scale(${number(shape.scale)})" d="${shape.path}" fill="${shape.fill}"/>`
    case 'photo': {
      const data = Buffer.from(shape.jpeg).toString('base64')
      return `<image x="${number(x)}" y="${number(y)}" width="${shape.width}" height="${shape.height}" href="data:image/jpeg;base64,${data}"/>`
    }
  }
}

function number(value: number): string {
  return String(Math.round(value * 1e6) / 1e6)
}
