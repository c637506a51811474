import { z } from 'zod'

/** Short names are typed on a command line. */
export const ShortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens, at most 31')

const host = z.string().min(1).max(253).meta({ title: 'Host' })
const tcpPort = z.int().min(1).max(65535).meta({ title: 'Port' })

export const SerialPortConfig = z.strictObject({
  kind: z.literal('serial'),
  path: z.string().min(1).max(4096).meta({
    title: 'Device',
    description: '/dev/serial/by-id/… keeps its name; ttyUSB0 is whichever woke first',
  }),
  baudRate: z.int().min(300).max(3_000_000).default(9600).meta({ title: 'Baud rate' }),
  parity: z.enum(['none', 'even', 'odd']).default('none').meta({ title: 'Parity' }),
})

export const TcpPortConfig = z.strictObject({ kind: z.literal('tcp'), host, port: tcpPort })

/** A line of bytes: a serial device, or a serial server on the network (ser2net, Moxa NPort). */
export const PortConfig = z.discriminatedUnion('kind', [SerialPortConfig, TcpPortConfig])
export type PortConfig = z.infer<typeof PortConfig>

const usbId = z.string().regex(/^[0-9a-f]{4}$/, 'four hexadecimal digits, such as 0c2e')

export const HidPortConfig = z.strictObject({
  kind: z.literal('hid'),
  /** Vendor and product are always asked for: `hidraw3` is whichever woke third. */
  vendorId: usbId.meta({ title: 'Vendor', description: 'four hexadecimal digits, as `gateway devices` shows them' }),
  productId: usbId.meta({ title: 'Product' }),
  serial: z.string().min(1).max(126).optional().meta({
    title: 'Serial number',
    description: 'where two of a kind are plugged in and have one',
  }),
  usbPath: z
    .string()
    .regex(/^\d+(-\d+(\.\d+)*)?(:\d+\.\d+)?$/, 'a place such as 1-1.4 or 1-1.4:1.0')
    .optional()
    .meta({ title: 'USB place', description: 'where two of a kind have no serial number: 1-1.4' }),
})

/** Reports of a HID device through a serial server: each with its kind and length in front. Simulators stand here. */
export const HidTcpPortConfig = z.strictObject({ kind: z.literal('hid-tcp'), host, port: tcpPort })

/** A HID device: whole reports instead of a stream of bytes. */
export const ReportPortConfig = z.discriminatedUnion('kind', [HidPortConfig, HidTcpPortConfig])
export type ReportPortConfig = z.infer<typeof ReportPortConfig>

/** One text for one line: two devices said to be on the same line share it. */
export function portName(config: PortConfig | ReportPortConfig): string {
  switch (config.kind) {
    case 'serial':
      return config.path
    case 'tcp':
    case 'hid-tcp':
      return `${config.host}:${config.port}`
    case 'hid':
      return ['usb', `${config.vendorId}:${config.productId}`, config.serial, config.usbPath].filter(Boolean).join(' ')
  }
}
