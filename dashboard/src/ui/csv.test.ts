import { expect, test } from 'vitest'
import { csv } from './csv.ts'

test('a cell that a spreadsheet would run is text', () => {
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
    expect(csv([[formula]])).toContain(`'${formula}`)
  }
})

test('commas, quotes and new lines stay inside their cell', () =>
  expect(csv([['Ada, "the first"', 'a\nb', 'plain']])).toBe('\ufeff"Ada, ""the first""","a\nb",plain\r\n'))
