import { ascii } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const REPORT_BYTES = 64
const DATA_BYTES = 56
const DATA_AT = 5
const SYMBOLOGY_AT = 61
const LAST = 63
const AIM_ID = ascii(']Q1')
/** Honeywell's letter for a QR code. */
const QR = 0x73
const ENABLE = 0xfe

/** The reports of a code as a Honeywell sends them. */
export function posReports(code: string): Uint8Array[] {
  const bytes = ascii(code)
  const reports: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += DATA_BYTES) {
    const part = bytes.subarray(from, from + DATA_BYTES)
    const report = new Uint8Array(REPORT_BYTES)
    report.set([2, part.length, ...AIM_ID])
    report.set(part, DATA_AT)
    report[SYMBOLOGY_AT] = QR
    report[LAST] = from + DATA_BYTES < bytes.length ? 1 : 0
    reports.push(report)
  }
  return reports
}

/** A Honeywell that is a HID point-of-sale scanner. It says nothing until it was enabled. */
export function posDevice(_config: unknown, { send }: FarEnd): ReaderDevice {
  let isEnabled = false
  return {
    receive() {},
    features: {
      set([id, enable]) {
        if (id !== ENABLE) return false
        isEnabled = enable === 1
        return true
      },
      get: () => null,
    },
    present({ qr, card }) {
      const code = qr ?? card ?? ''
      if (!/^[\x20-\x7e]{1,512}$/.test(code)) return fail('A QR code is 1 to 512 printable ASCII characters.')
      if (!isEnabled) return fail('No gate has enabled this scanner yet.')
      const reports = posReports(code)
      for (const report of reports) send(report)
      return ok(reports.length * REPORT_BYTES)
    },
  }
}
