/** What is on a piece of paper, in millimetres from its upper left corner. Drawn by `draw-png.ts` and `draw-pdf.ts`. */
export type Drawing = { readonly widthMm: number; readonly heightMm: number; readonly shapes: readonly Shape[] }

export type Shape =
  | {
      readonly kind: 'rectangle'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
      readonly radius?: number
      readonly fill: Colour
    }
  /** An SVG path whose units are `scale` millimetres. */
  | {
      readonly kind: 'path'
      readonly x: number
      readonly y: number
      readonly scale: number
      readonly path: string
      readonly fill: Colour
    }
  /** A JPEG of the proportions of its place. */
  | {
      readonly kind: 'photo'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
      readonly jpeg: Uint8Array
    }

/** `#rrggbb` */
export type Colour = `#${string}`

/** The same shape elsewhere. */
export function moved<S extends Shape>(shape: S, x: number, y: number): S {
  return { ...shape, x: shape.x + x, y: shape.y + y }
}
