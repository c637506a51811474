import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { posReports } from '../simulators/pos-scanner.ts'
import { decode, madeOf } from '../testing/decode.ts'
import { memoryReportPort } from '../testing/memory-report-port.ts'
import { enabledScannerLine, hidPosDecoder } from './hid-pos.ts'

const pos = () => hidPosDecoder({ reads: 'code' })
function read(...reports: Uint8Array[]) {
  const { scans, dropped } = decode(pos(), reports, 1)
  return { scans, dropped }
}

/** A report as a list of numbers, where `fill` stands for as many zeros as are missing. */
const report = (head: readonly number[], tail: readonly number[]) =>
  Uint8Array.from([...head, ...new Array(64 - head.length - tail.length).fill(0), ...tail])

/** What a Honeywell Voyager 1602g said when it was asked for REVINF (HenkVanAsselt/python_hon_usbhid, README). */
// biome-ignore format: as they were captured
const CAPTURED = [
  [2, 56, 93, 88, 48, 80, 114, 111, 100, 117, 99, 116, 32, 78, 97, 109, 101, 58, 32, 86, 111, 121, 97, 103, 101, 114, 32, 49, 54, 48, 50, 103, 13, 10, 66, 111, 111, 116, 32, 82, 101, 118, 105, 115, 105, 111, 110, 58, 32, 58, 32, 56, 57, 57, 50, 13, 10, 83, 111, 102, 116, 63, 0, 1],
  [2, 56, 93, 88, 48, 119, 97, 114, 101, 32, 80, 97, 114, 116, 32, 78, 117, 109, 98, 101, 114, 58, 32, 67, 87, 48, 48, 48, 48, 56, 50, 66, 66, 65, 13, 10, 83, 111, 102, 116, 119, 97, 114, 101, 32, 82, 101, 118, 105, 115, 105, 111, 110, 58, 32, 36, 80, 114, 111, 106, 101, 63, 0, 1],
  [2, 56, 93, 88, 48, 99, 116, 82, 101, 118, 105, 115, 105, 111, 110, 58, 32, 49, 54, 51, 52, 53, 32, 13, 10, 83, 101, 114, 105, 97, 108, 32, 78, 117, 109, 98, 101, 114, 58, 32, 49, 53, 50, 51, 50, 66, 49, 70, 48, 67, 13, 10, 83, 117, 112, 112, 111, 114, 116, 101, 100, 63, 0, 1],
  [2, 56, 93, 88, 48, 32, 73, 70, 58, 32, 66, 108, 117, 101, 116, 111, 111, 116, 104, 13, 10, 80, 67, 66, 32, 65, 115, 115, 101, 109, 98, 108, 121, 32, 73, 68, 58, 32, 48, 48, 48, 48, 48, 48, 13, 10, 69, 110, 103, 105, 110, 101, 32, 70, 105, 114, 109, 119, 97, 114, 101, 63, 0, 1],
  [2, 56, 93, 88, 48, 32, 84, 121, 112, 101, 58, 32, 78, 47, 65, 32, 32, 32, 82, 101, 118, 105, 115, 105, 111, 110, 58, 32, 78, 47, 65, 32, 32, 32, 83, 101, 114, 105, 97, 108, 32, 78, 117, 109, 98, 101, 114, 58, 32, 78, 47, 65, 32, 32, 32, 67, 104, 101, 99, 107, 115, 63, 0, 1],
  [2, 9, 93, 88, 48, 117, 109, 58, 32, 78, 47, 65, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 63, 0, 0],
].map(numbers => Uint8Array.from(numbers))
const ACKNOWLEDGED = report([2, 8, 93, 90, 54, 82, 69, 86, 73, 78, 70, 6, 46], [54, 0, 0])

const SAID =
  'Product Name: Voyager 1602g\r\nBoot Revision: : 8992\r\nSoftware Part Number: CW000082BBA\r\n' +
  'Software Revision: $ProjectRevision: 16345 \r\nSerial Number: 15232B1F0C\r\nSupported IF: Bluetooth\r\n' +
  'PCB Assembly ID: 000000\r\nEngine Firmware Type: N/A   Revision: N/A   Serial Number: N/A   Checksum: N/A'

describe('a captured scanner', () => {
  test('says one text in six reports', () => {
    expect(CAPTURED.every(report => report.length === 64)).toBe(true)
    expect(read(...CAPTURED)).toEqual({ scans: [SAID], dropped: [] })
  })

  test('answers its host, and that is no code', () => {
    expect(read(ACKNOWLEDGED)).toEqual({ scans: [], dropped: ['no_code'] })
  })

  test('whose last report is lost says nothing, and what comes after is read by itself', () => {
    expect(read(...CAPTURED.slice(0, 5), ACKNOWLEDGED, ...posReports('1575'))).toEqual({
      scans: ['1575'],
      dropped: ['partial', 'no_code'],
    })
  })
})

describe('the layouts', () => {
  const text = (text: string) => Buffer.from(text, 'latin1')

  test('a boarding pass of Access-IS is 56 and 4 characters', () => {
    const pass = 'M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100'
    expect(pass).toHaveLength(60)
    const first = report([2, 56, ...text(']Q0'), ...text(pass.slice(0, 56))], [0x73, 0, 1])
    const last = report([2, 4, ...text(']Q0'), ...text(pass.slice(56))], [0x73, 0, 0])
    expect(read(first, last)).toEqual({ scans: [pass], dropped: [] })
  })

  test('a variant has the AIM id, and what follows, one byte later', () => {
    expect(read(report([2, 4, 0, ...text(']Q11575')], [0x73, 0])).scans).toEqual(['1575'])
  })

  test('a Newland has no AIM id and its data at once', () => {
    expect(read(report([2, 4, ...text('1575')], [0x73, 0])).scans).toEqual(['1575'])
    const long = '0123456789'.repeat(6)
    const first = report([2, 56, ...text(long.slice(0, 56))], [0x73, 1])
    expect(read(first, report([2, 4, ...text(long.slice(56))], [0x73, 0])).scans).toEqual([long])
  })

  test('a code of a Newland may itself begin like an AIM id', () => {
    expect(read(report([2, 7, ...text(']Q11575')], [0x73, 0])).scans).toEqual([']Q11575'])
    expect(read(report([2, 8, ...text('x]Q11575')], [0x73, 0])).scans).toEqual(['x]Q11575'])
  })

  test('a Microscan numbers its reports 1; reports of other numbers are no codes', () => {
    expect(read(report([1, 4, ...text(']Q11575')], [0x73, 0, 0])).scans).toEqual(['1575'])
    expect(read(report([3, 4, ...text(']Q11575')], [0x73, 0, 0]))).toEqual({ scans: [], dropped: [] })
  })

  test('a suffix that it is set to send is no part of the code', () => {
    expect(read(report([2, 6, ...text(']Q11575\r\n')], [0x73, 0, 0])).scans).toEqual(['1575'])
  })
})

describe('a code in parts', () => {
  const digits = '0123456789'.repeat(47).slice(0, 469)

  test('of 469 digits is nine reports', () => {
    expect(posReports(digits)).toHaveLength(9)
    expect(read(...posReports(digits)).scans).toEqual([digits])
  })

  test('that loses its end is dropped after a second, and not before', () => {
    const decoder = pos()
    decoder.take(CAPTURED[0]!, 5)
    expect(decoder.dueMs()).toBe(1_005)
    expect(decoder.due(1_004)).toEqual([])
    expect(madeOf(decoder.due(1_005)).dropped).toEqual(['partial'])
    expect(decoder.dueMs()).toBeNull()
    expect(madeOf(decoder.take(CAPTURED[5]!, 1_006)).scans).toEqual(['um: N/A'])
  })

  test('whose end comes after that second is not joined to it, also when nobody asked in between', () => {
    const decoder = pos()
    decoder.take(CAPTURED[0]!, 0)
    expect(madeOf(decoder.take(CAPTURED[5]!, 1_000))).toEqual({ scans: ['um: N/A'], dropped: ['partial'], answers: [] })
  })

  test('longer than any of ours is dropped', () => {
    expect(read(...posReports('7'.repeat(512))).scans).toHaveLength(1)
    expect(read(...posReports('7'.repeat(513)).slice(0, 10)).dropped).toEqual(['too_long'])
  })

  test('without an end costs nothing, however much it is', () => {
    const decoder = pos()
    for (let at = 0; at < 16_384; at++) expect(madeOf(decoder.take(CAPTURED[0]!, at)).scans).toEqual([])
  })
})

describe('what is no report', () => {
  const [good] = posReports('1575') as [Uint8Array]

  test('a length beyond the report, or of nothing, is dropped', () => {
    const tooLong = Uint8Array.from(good)
    tooLong[1] = 57
    const empty = Uint8Array.from(good)
    empty[1] = 0
    expect(read(tooLong, empty, good)).toEqual({ scans: ['1575'], dropped: ['length', 'length'] })
  })

  test('a report that is cut is dropped, and with it what it belonged to', () => {
    expect(read(CAPTURED[0]!, CAPTURED[1]!.subarray(0, 63), good)).toEqual({ scans: ['1575'], dropped: ['length'] })
    expect(read(Uint8Array.of(2), Uint8Array.of(), good).scans).toEqual(['1575'])
  })

  test('any reports at all: never an error', () => {
    const any = fc.uint8Array({ minLength: 0, maxLength: 70 }).map(bytes => {
      if (bytes.length > 0) bytes[0] = 2
      return bytes
    })
    fc.assert(fc.property(fc.array(any, { maxLength: 20 }), reports => void read(...reports)))
  })
})

describe('a scanner that waits for a word', () => {
  test('is told to speak when its line is opened', async () => {
    const told: string[] = []
    const port = memoryReportPort({
      set(report) {
        told.push(Buffer.from(report).toString('hex'))
        return true
      },
      get: () => null,
    })
    await enabledScannerLine(port)
    expect(told).toEqual(['fe01'])
  })

  test('and one that needs none refuses it and is read all the same', async () => {
    const port = memoryReportPort()
    const line = await enabledScannerLine(port)
    port.feed(Uint8Array.of(2))
    expect((await line.incoming[Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(2))
  })
})
