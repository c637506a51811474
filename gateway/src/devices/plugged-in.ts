import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { hidPlaces } from './hid-places.ts'
import { type KnownId, knownId } from './known-ids.ts'

export type PluggedIn = {
  readonly kind: 'serial' | 'hid'
  /** What to write into the configuration: the name that stays, where there is one. */
  readonly path: string
  /** What the system calls it today. */
  readonly node: string
  readonly vendorId: string | null
  readonly productId: string | null
  readonly serial: string | null
  readonly product: string | null
  /** Where it is plugged in: `1-1.4`; of a HID device with its interface, `1-1.4:1.0`. */
  readonly usbPath: string | null
  readonly guess: KnownId | null
  readonly access: boolean
}

/** Ports that are devices: consoles and the sixteen that a PC may have and has not are none. */
const SERIAL = /^tty(USB|ACM|AMA|S|mxc|O|THS)\d+$/

/** Up from a port to its USB device: interface, port, hub. */
const STEPS_MAX = 6

/**
 * Serial and HID devices, as the kernel shows them in /sys and udev names them in /dev/serial. No program is started for
 * it: containers have no udevadm. `root` is where the file system begins.
 */
export async function pluggedIn(root = '/'): Promise<PluggedIn[]> {
  return [...serialPorts(root), ...(await hidDevices(root))].sort((a, b) =>
    a.node.localeCompare(b.node, 'en', { numeric: true }),
  )
}

function serialPorts(root: string): PluggedIn[] {
  const names = new Map([...namesIn(root, 'dev/serial/by-path'), ...namesIn(root, 'dev/serial/by-id')])
  const ids = new Map(namesIn(root, 'dev/serial/by-id'))
  const paths = new Map(namesIn(root, 'dev/serial/by-path'))
  return entries(join(root, 'sys/class/tty'))
    .filter(name => SERIAL.test(name))
    .flatMap((name): PluggedIn[] => {
      const device = real(join(root, 'sys/class/tty', name, 'device'))
      // A UART that is not there has type 0.
      if (device === null || text(join(root, 'sys/class/tty', name, 'type')) === '0') return []
      const usb = usbOf(device)
      const node = `/dev/${name}`
      // Two of a kind without serial numbers have one name in by-id, and it is that of the last one.
      const stable = usb?.serial ? (ids.get(name) ?? paths.get(name)) : (paths.get(name) ?? names.get(name))
      return [{ kind: 'serial', path: stable ?? node, node, ...described(usb), access: canUse(join(root, node)) }]
    })
}

async function hidDevices(root: string): Promise<PluggedIn[]> {
  const places = await hidPlaces({ sys: join(root, 'sys'), dev: join(root, 'dev') })
  return places.map(({ path, vendorId, productId, serial, name, usbPath }) => {
    const node = `/dev/${basename(path)}`
    const usb = { vendorId, productId, serial, product: name === '' ? null : name, usbPath }
    return { kind: 'hid', path: node, node, ...described(usb), access: canUse(path) }
  })
}

type Usb = Pick<PluggedIn, 'vendorId' | 'productId' | 'serial' | 'product' | 'usbPath'>

function described(usb: Usb | null): Usb & Pick<PluggedIn, 'guess'> {
  const none = { vendorId: null, productId: null, serial: null, product: null, usbPath: null }
  const { vendorId, productId } = usb ?? none
  const guess = vendorId !== null && productId !== null ? knownId(vendorId, productId) : null
  return { ...(usb ?? none), guess }
}

/** The USB device that an interface belongs to. */
function usbOf(device: string): Usb | null {
  let folder = device
  for (let step = 0; step < STEPS_MAX; step++, folder = dirname(folder)) {
    const vendorId = text(join(folder, 'idVendor'))
    if (vendorId === null) continue
    return {
      vendorId,
      productId: text(join(folder, 'idProduct')),
      serial: text(join(folder, 'serial')),
      product: text(join(folder, 'product')),
      usbPath: basename(folder),
    }
  }
  return null
}

/** The name of a device in `/dev`, and the name for it that stays. */
function namesIn(root: string, folder: string): [string, string][] {
  return entries(join(root, folder)).flatMap((name): [string, string][] => {
    const target = real(join(root, folder, name))
    return target === null ? [] : [[basename(target), `/${relative(root, join(root, folder, name))}`]]
  })
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function real(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function canUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
