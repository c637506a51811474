import type { ReportPort } from '../ports.ts'
import { withDeadline } from './deadline.ts'
import { incomingReports } from './incoming-reports.ts'

const CALL_MS_MAX = 2_000

/**
 * Opens a HID device by its path (`/dev/hidraw0`). The one file that knows the `node-hid` package, which is loaded
 * only by a gate that has such a device. An unplug comes as an `error` and never as a `close` (node-hid 3.4).
 */
export async function openHidDevice(path: string, signal: AbortSignal): Promise<ReportPort> {
  signal.throwIfAborted()
  const { HIDAsync } = await import('node-hid')
  let device: Awaited<ReturnType<typeof HIDAsync.open>>
  try {
    device = await withDeadline(HIDAsync.open(path), CALL_MS_MAX, `opening ${path}`)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`${path} could not be opened: plug it in, and let the user read it by a udev rule (${said})`, {
      cause: error,
    })
  }

  const incoming = incomingReports()
  let closing: Promise<void> | null = null
  const close = (lost?: Error): Promise<void> => {
    closing ??= finish(lost)
    return closing
  }
  const finish = async (lost?: Error) => {
    signal.removeEventListener('abort', onAbort)
    incoming.end(lost)
    await withDeadline(device.close(), CALL_MS_MAX, `closing ${path}`).catch(() => {})
  }
  const onAbort = () => void close()
  signal.addEventListener('abort', onAbort, { once: true })
  device.on('error', () => void close(new Error(`${path} is gone: plug the device in again`)))
  device.on('data', (report: Uint8Array) => {
    if (!incoming.push(report)) void close(new Error(`${path} says more than can be read: look at the device`))
  })
  if (signal.aborted) await close()

  return {
    reports: incoming.reports,
    async write(report) {
      await said(path, device.write(Buffer.from(report)))
    },
    async sendFeature(report) {
      await said(path, device.sendFeatureReport(Buffer.from(report)))
    },
    feature: (reportId, bytesMax) => said(path, device.getFeatureReport(reportId, bytesMax)),
    [Symbol.asyncDispose]: () => close(),
  }
}

/** What the library says of a call, with the device that it says it of. */
async function said<Value>(path: string, call: Promise<Value>): Promise<Value> {
  try {
    return await withDeadline(call, CALL_MS_MAX, 'the call')
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`${path} did not take or give a report: look whether it is plugged in (${said})`, { cause: error })
  }
}
