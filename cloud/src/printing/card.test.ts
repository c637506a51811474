import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { CARD_MM, type Card, drawCard, MODULE_MM, PHOTO } from './card.ts'
import { drawPdf } from './draw-pdf.ts'
import { drawPng, fitPhoto } from './draw-png.ts'
import { openFonts } from './fonts.ts'
import { QUIET_MODULES, qrPath } from './qr-path.ts'
import { sheetsOf } from './sheet.ts'
import { pdfPages } from './testing/pdf-pages.ts'
import { readCode } from './testing/read-code.ts'

const { digits } = JSON.parse(
  readFileSync(new URL('../../../shared/vectors/passes.json', import.meta.url), 'utf8'),
).static
const fonts = openFonts()
const good: Card = {
  holderName: 'Ada Lovelace',
  schoolName: 'Hillside College',
  kind: 'Student',
  serial: 1042,
  from: '1 Sep 2026',
  until: '31 Aug 2027',
  digits,
  photo: null,
}
const card = (changed: Partial<Card> = {}) => drawCard(fonts, { ...good, ...changed }).drawing

/** The raw dots of a part of a card, at 300 an inch. */
async function dots(png: Uint8Array, mm: { x: number; y: number; width: number; height: number }) {
  const at = (value: number) => Math.round((value * 300) / 25.4)
  const { data } = await sharp(png)
    .extract({ left: at(mm.x), top: at(mm.y), width: at(mm.width), height: at(mm.height) })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return data
}

test('a scanner reads exactly the digits, at 600, 300 and 100 dots an inch', async () => {
  const fine = await drawPng(card(), 600)
  expect(await sharp(fine).metadata()).toMatchObject({ width: 2022, height: 1275, density: 600 })
  expect(await readCode(fine)).toEqual({ text: digits, ecLevel: 'M' })
  expect(await readCode(await drawPng(card(), 300))).toMatchObject({ text: digits })
  expect(await readCode(await sharp(fine).resize({ width: 337 }).png().toBuffer())).toMatchObject({ text: digits })
})

test('the code is version 6, with modules a scanner sees and four of them white around it', async () => {
  const { modules } = qrPath(digits)
  expect(modules).toBe(41)
  expect(MODULE_MM).toBeGreaterThan(0.4)
  const png = await drawPng(card({ holderName: 'W'.repeat(100) }), 300)
  const code = card().shapes.at(-1)!
  const quiet = MODULE_MM * QUIET_MODULES
  const size = modules * MODULE_MM
  const around = [
    { x: code.x - quiet, y: code.y - quiet, width: size + 2 * quiet, height: quiet },
    { x: code.x - quiet, y: code.y + size, width: size + 2 * quiet, height: quiet },
    { x: code.x - quiet, y: code.y, width: quiet, height: size },
    { x: code.x + size, y: code.y, width: quiet, height: size },
  ]
  for (const strip of around) expect(new Set(await dots(png, strip))).toEqual(new Set([255]))
})

test('every module of a 300 dpi picture is eight whole dots, black or white', async () => {
  const png = await drawPng(card(), 300)
  const { modules } = qrPath(digits)
  const code = card().shapes.at(-1)!
  const seen = await dots(png, { x: code.x, y: code.y, width: modules * MODULE_MM, height: modules * MODULE_MM })
  expect(seen).toHaveLength((modules * 8) ** 2 * 3)
  expect(new Set(seen)).toEqual(new Set([0, 255]))
})

test('a PDF is the size of a card, holds no font, and its outlines read as the same digits', async () => {
  const pdf = await drawPdf([card()], { title: 'Pass 1042', nowMs: 0 })
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  const text = pdf.toString('latin1')
  expect(text).not.toMatch(/\/Type \/Font\b/)
  const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(text)!
  expect([width, height].map(points => (Number(points) * 25.4) / 72)).toEqual([
    expect.closeTo(CARD_MM.width, 1),
    expect.closeTo(CARD_MM.height, 1),
  ])
  const [page, ...more] = await pdfPages(pdf)
  expect(more).toEqual([])
  expect(await readCode(page!)).toEqual({ text: digits, ecLevel: 'M' })
})

test('a PDF looks as the picture does', async () => {
  const [page] = await pdfPages(await drawPdf([card()], { title: 'Pass 1042', nowMs: 0 }))
  const [a, b] = await Promise.all(
    [page!, await drawPng(card(), 300)].map(png =>
      sharp(png).resize(256, 160, { fit: 'fill' }).greyscale().raw().toBuffer(),
    ),
  )
  const apart = a!.reduce((sum, dot, at) => sum + Math.abs(dot - b![at]!), 0) / a!.length
  expect(apart).toBeLessThan(2)
})

test('a photo stands in its place, and without one there is a silhouette', async () => {
  const red = await sharp({ create: { width: 900, height: 500, channels: 3, background: '#c02030' } })
    .png()
    .toBuffer()
  const photo = await fitPhoto(red, PHOTO, 300)
  const inside = { x: PHOTO.x + 1, y: PHOTO.y + 1, width: PHOTO.width - 2, height: PHOTO.height - 2 }
  const withPhoto = await dots(await drawPng(card({ photo }), 300), inside)
  expect([withPhoto[0]! > 150, withPhoto[1]! < 80]).toEqual([true, true])
  const without = new Set(await dots(await drawPng(card(), 300), inside))
  expect(without.has(0xe3)).toBe(true)
  expect(without.has(0x9a)).toBe(true)
  expect((await drawPdf([card({ photo })], { title: 'x', nowMs: 0 })).toString('latin1')).toContain('/DCTDecode')
  expect(await fitPhoto(Buffer.from('no picture'), PHOTO, 300)).toBe(null)
})

test('eleven cards are two sheets of A4, and every code on them is read', async () => {
  const sheets = sheetsOf(Array.from({ length: 11 }, () => card()))
  expect(sheets.map(({ widthMm, heightMm }) => [widthMm, heightMm])).toEqual([
    [210, 297],
    [210, 297],
  ])
  const pages = await pdfPages(await drawPdf(sheets, { title: 'Passes', nowMs: 0 }))
  expect(pages).toHaveLength(2)
  const halves = await Promise.all(
    [0, 1].map(column => {
      const half = { left: column === 0 ? 229 : 1240, top: 160, width: 1011, height: 637 }
      return sharp(pages[0]!).extract(half).png().toBuffer()
    }),
  )
  for (const half of halves) expect(await readCode(half)).toMatchObject({ text: digits })
})
