/** The part of `fontkit` that is used here; the package brings no types. */
declare module 'fontkit' {
  export type PathCommand = {
    readonly command: 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath'
    readonly args: readonly number[]
  }
  export type Glyph = { readonly path: { readonly commands: readonly PathCommand[] } }
  export type Position = { readonly xAdvance: number; readonly xOffset: number; readonly yOffset: number }
  export type Font = {
    readonly unitsPerEm: number
    hasGlyphForCodePoint(codePoint: number): boolean
    /** Shapes a run of one direction; the glyphs come in the order in which they stand, from the left. */
    layout(
      text: string,
      features?: undefined,
      script?: undefined,
      language?: undefined,
      direction?: 'ltr' | 'rtl',
    ): { readonly glyphs: readonly Glyph[]; readonly positions: readonly Position[] }
  }
  export function create(file: Uint8Array): Font
}
