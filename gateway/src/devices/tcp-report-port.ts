import { concat } from '@gatehouse/shared/bytes.ts'
import type { ReportPort } from '../ports.ts'
import { withDeadline } from './deadline.ts'
import { incomingReports } from './incoming-reports.ts'
import { type ReportFrame, reportFrame, reportSplitter } from './report-frames.ts'
import { openTcpPort, type TcpPortOptions } from './tcp-port.ts'

const ANSWER_MS_MAX = 1_000

type Waiting = { readonly resolve: (report: Uint8Array) => void; readonly reject: (error: Error) => void }

/** A HID device behind a server of the network that carries its reports. */
export async function openTcpReportPort({ host, port }: TcpPortOptions, signal: AbortSignal): Promise<ReportPort> {
  const line = await openTcpPort({ host, port }, signal)
  const where = `${host}:${port}`
  const incoming = incomingReports()
  /** Feature reports are answered in the order in which they were asked for. */
  let waiting: Waiting[] = []

  const end = (lost?: Error) => {
    incoming.end(lost)
    for (const { reject } of waiting) reject(lost ?? new Error(`${where} hung up`))
    waiting = []
  }
  const take = ({ kind, report }: ReportFrame): boolean => {
    if (kind === 'input') return incoming.push(report)
    if (kind === 'feature') waiting.shift()?.resolve(report)
    else if (kind === 'refused') waiting.shift()?.reject(new Error(`the device at ${where} refused the report`))
    return true
  }
  const read = async () => {
    const split = reportSplitter()
    for await (const chunk of line.incoming) {
      const frames = split(chunk)
      if (frames === null) throw new Error(`${where} sends something else than reports: check address and port`)
      if (!frames.every(take)) throw new Error(`${where} says more than can be read: look at the device`)
    }
  }
  const reading = read()
    .then(() => end(), end)
    .then(() => line[Symbol.asyncDispose]())

  const exchange = async (frame: Uint8Array): Promise<Uint8Array> => {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    promise.catch(() => {})
    waiting.push({ resolve, reject })
    try {
      await line.write(frame)
      return await withDeadline(promise, ANSWER_MS_MAX, `reading ${where}`)
    } catch (error) {
      // An answer that comes late would be taken for the next one's.
      const gone = !waiting.some(one => one.resolve === resolve)
      if (!gone) await line[Symbol.asyncDispose]()
      throw error
    }
  }
  return {
    reports: incoming.reports,
    write: report => line.write(reportFrame('output', report)),
    async sendFeature(report) {
      await exchange(reportFrame('setFeature', report))
    },
    feature: (reportId, bytesMax) =>
      exchange(reportFrame('getFeature', concat(Uint8Array.of(reportId), u16(bytesMax)))),
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]()
      await reading
    },
  }
}

function u16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff)
}
