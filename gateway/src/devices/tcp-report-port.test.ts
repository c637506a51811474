import { toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Features } from '../simulators/device.ts'
import { hidTcpWire } from '../simulators/hid-tcp-wire.ts'
import { tcpWire } from '../simulators/tcp-wire.ts'
import { openTcpReportPort } from './tcp-report-port.ts'

const never = new AbortController().signal

async function joined(features?: Features) {
  const outputs: string[] = []
  const heard = Promise.withResolvers<void>()
  const wire = await hidTcpWire({
    port: 0,
    features,
    onReport(report) {
      outputs.push(toHex(report))
      heard.resolve()
    },
  })
  if (wire.port.kind !== 'hid-tcp') throw new Error('asked for hid-tcp')
  const port = await openTcpReportPort(wire.port, never)
  onTestFinished(async () => {
    await port[Symbol.asyncDispose]()
    await wire.close()
  })
  return { wire, port, outputs, heard: heard.promise }
}

const echo = (): Features => {
  let kept: Uint8Array | null = null
  return {
    set(report) {
      kept = report
      return true
    },
    get: reportId => kept && Uint8Array.of(reportId, ...kept),
  }
}

describe('a HID device over TCP', () => {
  test('hears output reports and says input reports, whole', async () => {
    const { wire, port, outputs, heard } = await joined()
    await port.write(Uint8Array.of(0xfd, 0x03, 0x16, 0x54, 0x0d))
    await heard
    expect(outputs).toEqual(['fd0316540d'])
    wire.send(Uint8Array.of(2, 0, 0))
    wire.send(Uint8Array.of(1))
    const reports = port.reports[Symbol.asyncIterator]()
    expect([(await reports.next()).value, (await reports.next()).value]).toEqual([
      Uint8Array.of(2, 0, 0),
      Uint8Array.of(1),
    ])
  })

  test('takes and gives feature reports, of no more bytes than were asked for', async () => {
    const { port } = await joined(echo())
    await port.sendFeature(Uint8Array.of(0, 0x8f, 1, 2, 3))
    expect(toHex(await port.feature(1, 9))).toBe('01008f010203')
    expect(toHex(await port.feature(1, 2))).toBe('0100')
  })

  test('answers each of several questions at once with its own answer', async () => {
    const { port } = await joined(echo())
    await port.sendFeature(Uint8Array.of(7))
    const answers = await Promise.all([port.feature(1, 9), port.feature(2, 9), port.feature(3, 9)])
    expect(answers.map(toHex)).toEqual(['0107', '0207', '0307'])
  })

  test('that refuses a feature report is an error, and the line goes on', async () => {
    const { wire, port } = await joined()
    await expect(port.sendFeature(Uint8Array.of(0))).rejects.toThrow('refused the report')
    await expect(port.feature(1, 9)).rejects.toThrow('refused the report')
    wire.send(Uint8Array.of(4))
    expect((await port.reports[Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(4))
  })

  test('that hangs up ends the reports, and whoever waits for an answer hears of it', async () => {
    const { wire, port } = await joined({ set: () => true, get: () => null })
    const next = port.reports[Symbol.asyncIterator]().next()
    await wire.close()
    expect(await next.catch(() => ({ done: true }))).toMatchObject({ done: true })
    await expect(port.feature(1, 9)).rejects.toThrow()
  })

  test('that does not answer is given up: its late answer would be taken for the next one', async () => {
    const wire = await tcpWire({ port: 0, onBytes() {} })
    onTestFinished(() => wire.close())
    await using port = await openTcpReportPort(wire.port, never)
    await expect(port.feature(1, 9)).rejects.toThrow('took longer than 1000 ms')
    expect((await port.reports[Symbol.asyncIterator]().next()).done).toBe(true)
    await expect(port.feature(1, 9)).rejects.toThrow()
  })

  test('a server that speaks something else is given up', async () => {
    const wire = await tcpWire({ port: 0, onBytes: () => wire.send(Buffer.from('hello')) })
    onTestFinished(() => wire.close())
    await using port = await openTcpReportPort(wire.port, never)
    await port.write(Uint8Array.of(1))
    await expect(port.reports[Symbol.asyncIterator]().next()).rejects.toThrow('sends something else than reports')
  })
})
