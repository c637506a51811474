import type { ReportPort } from '../ports.ts'
import { type Exclusive, exclusiveUse } from './exclusive.ts'
import { openHidDevice } from './hid-device.ts'
import {
  type HidPlace,
  type HidPort,
  hidPlaces,
  noPlace,
  placesFor,
  SYSTEM_FOLDERS,
  type Wanted,
} from './hid-places.ts'

export type HidNeeds = Wanted & {
  /** It is a keyboard to the system, and what it types is kept from the console. */
  readonly exclusive?: boolean
  /** Told in one sentence, with the remedy, when that could not be done. */
  readonly warn?: (problem: string) => void
}

/** What of the system is asked; a test hands in its own. */
export type HidSystem = {
  readonly folders: typeof SYSTEM_FOLDERS
  readonly open: (path: string, signal: AbortSignal) => Promise<ReportPort>
}

const THIS_SYSTEM: HidSystem = { folders: SYSTEM_FOLDERS, open: openHidDevice }

/** Opens the HID device that a configuration means, wherever it is plugged in now. Throws one sentence with the remedy. */
export async function openHidPort(
  config: HidPort,
  needs: HidNeeds,
  signal: AbortSignal,
  { folders, open }: HidSystem = THIS_SYSTEM,
): Promise<ReportPort> {
  const places = await hidPlaces(folders)
  const fitting = placesFor(config, places, needs)
  if (config.serial === undefined) refuseTwo(config, fitting)
  for (const place of fitting) {
    const port = await open(place.path, signal)
    if (await isMeant(port, place, config, needs))
      return needs.exclusive === true ? keptFromConsole(port, place, needs) : port
    await port[Symbol.asyncDispose]()
  }
  throw new Error(noPlace(config, places))
}

/** Taking either would make the way in the way out after the next power cut. The interfaces of one device are no two. */
function refuseTwo({ vendorId, productId }: HidPort, fitting: readonly HidPlace[]): void {
  const devices = new Set(fitting.map(({ usbPath, path }) => usbPath?.split(':')[0] ?? path))
  if (devices.size > 1)
    throw new Error(
      `there are ${devices.size} USB devices ${vendorId}:${productId}, at ${[...devices].join(' and ')}: say which by its serial number or USB place`,
    )
}

async function isMeant(port: ReportPort, place: HidPlace, { serial }: HidPort, { serialOf }: Wanted): Promise<boolean> {
  if (serial === undefined || place.serial === serial) return true
  return (await serialOf?.(port).catch(() => null)) === serial
}

async function keptFromConsole(port: ReportPort, place: HidPlace, { warn }: HidNeeds): Promise<ReportPort> {
  const use: Exclusive = await exclusiveUse(place)
  if (use.problem !== null) warn?.(use.problem)
  return {
    ...port,
    async [Symbol.asyncDispose]() {
      await port[Symbol.asyncDispose]()
      const problem = await use.giveBack()
      if (problem !== null) warn?.(problem)
    },
  }
}
