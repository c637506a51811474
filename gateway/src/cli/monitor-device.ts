import { toHex } from '@gatehouse/shared/bytes.ts'
import { PortConfig, type ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { linePortOpener } from '../devices/open-port.ts'
import { pluggedIn } from '../devices/plugged-in.ts'
import { systemClock } from '../devices/system-clock.ts'
import type { BytePort } from '../ports.ts'
import { decodedReader } from '../readers/decoded-reader.ts'
import { familyOf } from '../readers/families.ts'
import { wordsOf } from './decode-bytes.ts'
import { familyConfig } from './family-config.ts'
import { settingsOf } from './settings.ts'
import { cannot } from './usage.ts'

type Options = {
  readonly family?: string
  readonly baud: string
  readonly parity: string
  readonly set: readonly string[]
}

const ROW_BYTES = 16

/** `gateway monitor`, until `signal` aborts or the device goes. */
export async function monitor(device: string, options: Options, signal: AbortSignal): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const config = await portOf(device, options)
  const family = options.family === undefined ? null : familyConfig(options.family, settingsOf(options.set))
  if (family?.of === 'board')
    throw cannot(`${options.family} is a board: its bytes are shown without --family, and told by decode.`)
  try {
    const reads = family === null ? null : familyOf(family.config)
    const port = await linePortOpener(config, reads?.line, { exclusive: false })(signal)
    say(`${device} is open. Ctrl-C ends it.`)
    await using shown: BytePort = { ...port, incoming: shownBytes(port.incoming, say) }
    if (reads === null) {
      for await (const _bytes of shown.incoming);
    } else {
      const { decoder, quietMs, others } = reads
      const dropped = (why: string) => say(`${' '.repeat(14)}dropped: ${why}`)
      const reader = decodedReader({
        id: device,
        open: async () => shown,
        decoder,
        quietMs,
        others,
        clock: systemClock,
        dropped,
      })
      for await (const { credential } of reader.scans(signal)) say(`${' '.repeat(14)}${wordsOf(credential)}`)
    }
    if (!signal.aborted) throw new Error(`${device} closed by itself`)
  } catch (error) {
    if (!signal.aborted) throw cannot(error instanceof Error ? error.message : String(error))
  }
}

async function portOf(device: string, { baud, parity }: Options): Promise<PortConfig | ReportPortConfig> {
  if (device.startsWith('/dev/hidraw')) return hidOf(device)
  const [, hidHost, hidPort] = /^hid-tcp:([^/\s]+):(\d{1,5})$/.exec(device) ?? []
  if (hidHost !== undefined) return { kind: 'hid-tcp', host: hidHost, port: Number(hidPort) }
  const [, host, port] = /^([^/\s]+):(\d{1,5})$/.exec(device) ?? []
  const config = PortConfig.safeParse(
    host !== undefined
      ? { kind: 'tcp', host, port: Number(port) }
      : { kind: 'serial', path: device, baudRate: Number(baud), parity },
  )
  if (!config.success)
    throw cannot('--baud takes 300 to 3000000, --parity none, even or odd, and a port is at most 65535')
  return config.data
}

async function hidOf(node: string): Promise<ReportPortConfig> {
  const found = (await pluggedIn()).find(one => one.node === node)
  if (found?.vendorId == null || found.productId === null)
    throw cannot(`there is no ${node}: gatehouse gateway devices shows what is there`)
  const { vendorId, productId, usbPath } = found
  return { kind: 'hid', vendorId, productId, ...(usbPath === null ? {} : { usbPath }) }
}

async function* shownBytes(
  incoming: AsyncIterable<Uint8Array>,
  say: (line: string) => void,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of incoming) {
    const time = new Date(systemClock.wallMs()).toISOString().slice(11, 23)
    for (let at = 0; at < bytes.length; at += ROW_BYTES)
      say(row(at === 0 ? time : '', bytes.subarray(at, at + ROW_BYTES)))
    yield bytes
  }
}

/** `08:00:00.123  02 30 31 03  .01.` */
function row(time: string, bytes: Uint8Array): string {
  const hex = Array.from(bytes, byte => toHex(Uint8Array.of(byte))).join(' ')
  const ascii = Array.from(bytes, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  return `${time.padEnd(12)}  ${hex.padEnd(ROW_BYTES * 3)} ${ascii}`
}
