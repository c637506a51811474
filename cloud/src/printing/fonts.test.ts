import { expect, test } from 'vitest'
import { fitText, type Room } from './fit-text.ts'
import { openFonts } from './fonts.ts'
import { writingOrder } from './writing-order.ts'

const fonts = openFonts()
const room: Room = { widthMm: 48, largestMm: 5.4, oneLineMm: 4, smallestMm: 2.9 }
const BOX = /^M50 0h620v-700h-620Z/

const names = {
  'one that fits': ['Ada Lovelace', 1],
  Vietnamese: ['Nguyễn Thị Minh', 1],
  Polish: ['Łukasz Żółć', 1],
  Greek: ['Γιώργος Παπάς', 1],
  Cyrillic: ['Анна Щербакова', 1],
  Chinese: ['陈小明', 1],
  'Chinese, traditional': ['陳曉明', 1],
  Japanese: ['山田 はなこ', 1],
  Korean: ['김민수', 1],
  Arabic: ['محمد علي', 1],
  Hebrew: ['רון כהן', 1],
  Hindi: ['प्रिया शर्मा', 1],
  Thai: ['สมชาย ใจดี', 1],
  'two directions': ['Ada محمد', 1],
  'no last name': ['Teller', 1],
  'two lines': ['Maximiliane von Hohenstein-Braunschweig', 2],
  'a hundred letters without a space': ['x'.repeat(100), 2],
  'two hundred letters': [`${'Ana '.repeat(49)}Ana`, 2],
} as const

for (const [kind, [name, lines]] of Object.entries(names)) {
  test(`a name is drawn whole and inside its room: ${kind}`, () => {
    const set = fitText(fonts, name, 600, room)
    expect(set.lines).toHaveLength(lines)
    for (const line of set.lines) {
      expect(line.undrawn).toEqual([])
      expect(line.width * set.sizeMm).toBeLessThanOrEqual(room.widthMm + 1e-9)
      expect(line.width).toBeGreaterThan(0)
    }
    expect(set.sizeMm).toBeLessThanOrEqual(room.largestMm)
    expect(set.sizeMm).toBeGreaterThanOrEqual(room.smallestMm!)
  })
}

test('a longer name is set smaller before it is set on two lines', () => {
  const sizes = ['Ada Lovelace', 'Augusta Ada Lovelace'].map(name => fitText(fonts, name, 600, room))
  expect(sizes.map(({ lines }) => lines.length)).toEqual([1, 1])
  expect(sizes[1]!.sizeMm).toBeLessThan(sizes[0]!.sizeMm)
})

test('what is cut ends in an ellipsis', () => {
  const { lines, sizeMm } = fitText(fonts, 'x'.repeat(100), 600, room)
  const kept = subpaths(lines[1]!.path) - subpaths(fonts.outline('…', 600).path)
  expect(lines[1]).toEqual(fonts.outline(`${'x'.repeat(kept)}…`, 600))
  expect(fonts.outline(`${'x'.repeat(kept + 1)}…`, 600).width * sizeMm).toBeGreaterThan(room.widthMm)
})

test('what no font has is a box, and told', () => {
  expect(fonts.outline('😀', 400)).toMatchObject({ undrawn: ['😀'], path: expect.stringMatching(BOX) })
  const { undrawn, width } = fonts.outline('Zoë 😀😀', 600)
  expect(undrawn).toEqual(['😀'])
  expect(width).toBeGreaterThan(fonts.outline('Zoë ', 600).width + 1)
})

test('a letter with a mark that no font sets on it is drawn without, and told', () => {
  const { undrawn, path } = fonts.outline('ɔ́', 400)
  expect(undrawn).toEqual(['\u0301'])
  expect(path).toBe(fonts.outline('ɔ', 400).path)
})

test('nothing is drawn of nothing', () => expect(fonts.outline('', 400)).toEqual({ path: '', width: 0, undrawn: [] }))

test('Arabic letters take the form of their place: apart they look otherwise', () => {
  const apart = [...'محمد'].join('\u200c')
  expect(fonts.outline(apart, 400).undrawn).toEqual([])
  expect(fonts.outline('محمد', 400).path).not.toBe(fonts.outline(apart, 400).path)
})

test('a run from right to left begins at the right', () => {
  const [alef, lam] = ['א', 'ל'].map(letter => fonts.outline(letter, 400))
  const both = fonts.outline('אל', 400)
  expect(both.path.startsWith(lam!.path)).toBe(true)
  expect(both.path.startsWith(alef!.path)).toBe(false)
})

for (const [text, shown] of [
  ['Ada Lovelace', ['Ada Lovelace']],
  ['محمد علي', ['محمد علي']],
  ['Ada محمد Lovelace', ['Ada ', 'محمد', ' Lovelace']],
  ['محمد Ada علي', [' علي', 'Ada', 'محمد ']],
  ['רון 12', ['12', 'רון ']],
  ['שלום (רון)', ['שלום )רון(']],
  ['(Ada) 12', ['(Ada) 12']],
] as const) {
  test(`from the left of the paper: ${text}`, () => expect(writingOrder(text).map(({ text }) => text)).toEqual(shown))
}

function subpaths(path: string): number {
  return path.split('M').length - 1
}
