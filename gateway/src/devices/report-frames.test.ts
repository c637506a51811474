import { concat, toHex } from '@gatehouse/shared/bytes.ts'
import { expect, test } from 'vitest'
import { awkwardly } from '../testing/decode.ts'
import { REPORT_BYTES_MAX, type ReportFrame, reportFrame, reportSplitter } from './report-frames.ts'

const report = Uint8Array.of(0x02, 0x00, 0xff)
const frames = concat(reportFrame('input', report), reportFrame('refused', new Uint8Array()))
const both: (ReportFrame | null)[] = [
  { kind: 'input', report },
  { kind: 'refused', report: new Uint8Array() },
]

test('a frame is kind, length and report', () => {
  expect(toHex(reportFrame('setFeature', report))).toBe('0300030200ff')
  expect(toHex(reportFrame('input', new Uint8Array(300))).slice(0, 6)).toBe('01012c')
})

test('frames are found however they are cut', () => {
  for (const chunks of awkwardly(frames)) {
    const split = reportSplitter()
    expect(chunks.flatMap(chunk => split(chunk) ?? [null])).toEqual(both)
  }
})

test.each([
  ['an unknown kind', '070000'],
  ['no kind at all', '000000'],
  ['a report that is too long', '010401'],
])('%s ends the reading for good', (_what, hex) => {
  const split = reportSplitter()
  expect(split(Uint8Array.from(Buffer.from(hex, 'hex')))).toBeNull()
  expect(split(frames)).toBeNull()
})

test('the longest report comes through', () => {
  const longest = new Uint8Array(REPORT_BYTES_MAX).fill(7)
  expect(reportSplitter()(reportFrame('input', longest))).toEqual([{ kind: 'input', report: longest }])
  expect(() => reportFrame('input', new Uint8Array(REPORT_BYTES_MAX + 1))).toThrow('1025 bytes')
})
