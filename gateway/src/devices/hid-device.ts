import type { ReportPort } from '../ports.ts'
import { withDeadline } from './deadline.ts'

const CALL_MS_MAX = 2_000

/** Reports held for a busy driver; the oldest are the ones a person has already given up on. */
const WAITING_REPORTS_MAX = 64

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

  let controller: ReadableStreamDefaultController<Uint8Array>
  const reports = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
    },
    new CountQueuingStrategy({ highWaterMark: WAITING_REPORTS_MAX }),
  )
  let closing: Promise<void> | null = null
  const close = (lost?: Error): Promise<void> => {
    closing ??= finish(lost)
    return closing
  }
  const finish = async (lost?: Error) => {
    signal.removeEventListener('abort', onAbort)
    if (lost) controller.error(lost)
    else controller.close()
    await withDeadline(device.close(), CALL_MS_MAX, `closing ${path}`).catch(() => {})
  }
  const onAbort = () => void close()
  signal.addEventListener('abort', onAbort, { once: true })
  device.on('error', () => void close(new Error(`${path} is gone: plug the device in again`)))
  device.on('data', (report: Uint8Array) => {
    if (closing === null && (controller.desiredSize ?? 0) > 0) controller.enqueue(report)
  })
  if (signal.aborted) await close()

  return {
    reports,
    async write(report) {
      await withDeadline(device.write(Buffer.from(report)), CALL_MS_MAX, `writing to ${path}`)
    },
    async sendFeature(report) {
      await withDeadline(device.sendFeatureReport(Buffer.from(report)), CALL_MS_MAX, `writing to ${path}`)
    },
    feature: (reportId, bytesMax) =>
      withDeadline(device.getFeatureReport(reportId, bytesMax), CALL_MS_MAX, `reading ${path}`),
    [Symbol.asyncDispose]: () => close(),
  }
}
