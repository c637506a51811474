import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HidPlace } from './hid-places.ts'

/** What a keyboard types reaches us alone, or the console as well. */
export type Exclusive = {
  /** Null: us alone. Otherwise one sentence with the remedy. */
  readonly problem: string | null
  /** Lets the system have its keys again, where it was us who took them. Gives one sentence with the remedy when it could not, and null otherwise. */
  giveBack(): Promise<string | null>
}

/** Writes what a file of sysfs is to say. */
type WriteText = (file: string, text: string) => Promise<void>

/** What a device that was unplugged leaves behind. */
const GONE: readonly unknown[] = ['ENOENT', 'ENODEV']

/**
 * Keeps what a reader types from the console, which would otherwise type it at whoever is signed in there.
 *
 * Reading a hidraw takes nothing from anybody (hidapi issue 91). But since Linux 5.11 an input device has `inhibited`:
 * while it is 1 no input handler hears of it, and hidraw, which is fed below the input layer, still does
 * (Documentation/input/input-programming.rst; commit a181616487db).
 */
export async function exclusiveUse(place: HidPlace, write: WriteText = writeFile): Promise<Exclusive> {
  const folder = join(place.folder, 'input')
  const names = (await readdir(folder).catch(() => [])).filter(name => /^input\d+$/.test(name))
  let taken: string[] = []
  const giveBack = async () => {
    const kept: string[] = []
    let problem: string | null = null
    for (const file of taken) {
      try {
        await write(file, '0')
      } catch (error) {
        // Unplugged, there is nothing to give back.
        if (GONE.includes(codeOf(error))) continue
        kept.push(file)
        problem = `${called(place)} stays kept from the console (${codeOf(error)}): plug it in again`
      }
    }
    taken = kept
    return problem
  }
  // A keyboard has one. Where none is seen, nothing was kept from anybody.
  if (names.length === 0) return { problem: `${shared(place)}: no input device is in ${folder}: ${SEE_SYS}`, giveBack }
  for (const name of names) {
    const file = join(folder, name, 'inhibited')
    try {
      if ((await readFile(file, 'utf8')).trim() === '1') continue
      await write(file, '1')
      taken.push(file)
    } catch (error) {
      await giveBack()
      return { problem: `${shared(place)}: ${remedy(place, codeOf(error))}`, giveBack }
    }
  }
  return { problem: null, giveBack }
}

const SEE_SYS = 'plug it in again, and let a container see /sys of its host'

function called({ name, path }: HidPlace): string {
  return name || path
}

function shared(place: HidPlace): string {
  return `what ${called(place)} reads is typed at the console too`
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

function remedy({ vendorId, productId }: HidPlace, code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'set it to HID-POS or USB serial, or install a kernel of 5.11 or newer'
    case 'EACCES':
    case 'EPERM': {
      const rule = `SUBSYSTEM=="input", ATTRS{idVendor}=="${vendorId}", ATTRS{idProduct}=="${productId}", ATTR{inhibited}="1"`
      return `put ${rule} into /etc/udev/rules.d/70-gatehouse.rules and plug it in again`
    }
    case 'EROFS':
      return `let the container write /sys, or give its host the rule that gateway install --print --wedge ${vendorId}:${productId} prints`
    default:
      return `the system did not let go of it (${code}): plug it in again, or set it to HID-POS or USB serial`
  }
}
