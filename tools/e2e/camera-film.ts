import { writeFileSync } from 'node:fs'
import encodeQR from 'qr'

const WIDTH = 640
const HEIGHT = 480
/** As a code that is held up: eight pixels a module. */
const MODULE_PIXELS = 8
const BLACK = 16
const WHITE = 235
const NO_COLOUR = 128

/** Writes what a camera sees of a code that is held in front of it: one picture in YUV4MPEG2, which Chromium plays over and over. */
export function writeFilm(path: string, digits: string): void {
  const luma = Buffer.alloc(WIDTH * HEIGHT, WHITE)
  const rows = encodeQR(digits, 'raw', { ecc: 'medium', border: 4 })
  const left = Math.floor((WIDTH - rows.length * MODULE_PIXELS) / 2)
  const top = Math.floor((HEIGHT - rows.length * MODULE_PIXELS) / 2)
  if (top < 0) throw new Error('the code does not fit into the picture')
  for (const [row, modules] of rows.entries()) {
    for (const [column, dark] of modules.entries()) {
      if (!dark) continue
      for (let line = 0; line < MODULE_PIXELS; line++) {
        const from = (top + row * MODULE_PIXELS + line) * WIDTH + left + column * MODULE_PIXELS
        luma.fill(BLACK, from, from + MODULE_PIXELS)
      }
    }
  }
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`),
      luma,
      Buffer.alloc((WIDTH * HEIGHT) / 2, NO_COLOUR),
    ]),
  )
}
