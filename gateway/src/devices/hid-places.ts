import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { HidPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import type { z } from 'zod'
import type { ReportPort } from '../ports.ts'

export type HidPort = z.infer<typeof HidPortConfig>

/** A HID device that is plugged in. */
export type HidPlace = {
  /** `/dev/hidraw0`. */
  readonly path: string
  /** Four hexadecimal digits each, in lower case. */
  readonly vendorId: string
  readonly productId: string
  /** Manufacturer and product as the device says them. */
  readonly name: string
  /** Null: it has none, as most relays and cheap readers. */
  readonly serial: string | null
  /** `1-1.4:1.0`: bus, hubs and port, configuration and interface. Null: it is on no USB. */
  readonly usbPath: string | null
  /** Its own folder in sysfs, with the input devices that it makes. */
  readonly folder: string
}

/** Where the system keeps its devices. Handed in, so that a test has its own. */
export type SystemFolders = { readonly sys: string; readonly dev: string }

export const SYSTEM_FOLDERS: SystemFolders = { sys: '/sys', dev: '/dev' }

/** `1-1.4:1.0`, as the kernel names an interface of a USB device. */
const USB_INTERFACE = /^\d+-\d+(\.\d+)*:\d+\.\d+$/

/** HID_ID of a uevent: bus, vendor, product, the last two in eight digits (drivers/hid/hid-core.c, `hid_uevent`). */
const HID_ID = /^[0-9A-F]{4}:0000([0-9A-F]{4}):0000([0-9A-F]{4})$/i

/** Every HID device, from sysfs: `node-hid`'s own list opens each one that it looks at. */
export async function hidPlaces({ sys, dev }: SystemFolders = SYSTEM_FOLDERS): Promise<HidPlace[]> {
  const places: HidPlace[] = []
  const names = await readdir(join(sys, 'class/hidraw')).catch(() => [])
  for (const name of names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const place = await placeOf(join(sys, 'class/hidraw', name, 'device'), join(dev, name)).catch(() => null)
    // It may be unplugged while it is looked at.
    if (place !== null) places.push(place)
  }
  return places
}

async function placeOf(link: string, path: string): Promise<HidPlace | null> {
  const folder = await realpath(link)
  const facts = new Map(
    (await readFile(join(folder, 'uevent'), 'utf8')).split('\n').map(line => {
      const [name = '', ...rest] = line.split('=')
      return [name, rest.join('=')] as const
    }),
  )
  const [, vendorId, productId] = HID_ID.exec(facts.get('HID_ID') ?? '') ?? []
  if (vendorId === undefined || productId === undefined) return null
  const parent = basename(dirname(folder))
  return {
    path,
    vendorId: vendorId.toLowerCase(),
    productId: productId.toLowerCase(),
    name: facts.get('HID_NAME') ?? '',
    serial: facts.get('HID_UNIQ') || null,
    usbPath: USB_INTERFACE.test(parent) ? parent : null,
    folder,
  }
}

/** What the devices at a place have to be besides their configured ids. */
export type Wanted = {
  /** Vendor and product that many makers share are told apart by the product's name. */
  readonly name?: RegExp
  /** Devices without a serial number count as well: they keep it elsewhere, and are asked when they are open. */
  readonly serialOf?: (port: ReportPort) => Promise<string | null>
}

/** The devices a configuration can mean, those whose serial number is the configured one first. */
export function placesFor(config: HidPort, places: readonly HidPlace[], wanted: Wanted = {}): HidPlace[] {
  const { vendorId, productId, serial, usbPath } = config
  return places
    .filter(place => place.vendorId === vendorId && place.productId === productId)
    .filter(place => usbPath === undefined || isAt(place.usbPath, usbPath))
    .filter(place => wanted.name === undefined || wanted.name.test(place.name))
    .filter(
      place =>
        serial === undefined || place.serial === serial || (wanted.serialOf !== undefined && place.serial === null),
    )
    .sort((a, b) => Number(b.serial === serial) - Number(a.serial === serial))
}

/** `1-1.4` is a device with all its interfaces, `1-1.4:1.0` one of them. */
function isAt(usbPath: string | null, wanted: string): boolean {
  return usbPath !== null && (usbPath === wanted || usbPath.split(':')[0] === wanted)
}

/** One sentence for a device that is not there, with what is there instead. */
export function noPlace(config: HidPort, places: readonly HidPlace[]): string {
  const { vendorId, productId, serial, usbPath } = config
  const ids = `${vendorId}:${productId}`
  const asked = [ids, serial && `serial ${serial}`, usbPath && `at ${usbPath}`].filter(Boolean).join(' ')
  const others = places
    .filter(place => place.vendorId === vendorId && place.productId === productId)
    .map(({ serial, usbPath }) => [serial && `serial ${serial}`, usbPath && `at ${usbPath}`].filter(Boolean).join(' '))
  if (others.length > 0) return `there is no USB device ${asked}, but one of ${ids} ${others.join(' and one ')}`
  return `there is no USB device ${asked}: plug it in; lsusb lists what the machine sees`
}
