import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HidPlace } from './hid-places.ts'

/** What a keyboard types reaches us alone, or the console as well. */
export type Exclusive = {
  /** Null: us alone. Otherwise one sentence with the remedy. */
  readonly problem: string | null
  /** Lets the system have its keys again, where it was us who took them. */
  giveBack(): Promise<void>
}

/**
 * Keeps what a reader types from the console, which would otherwise type it at whoever is signed in there.
 *
 * Reading a hidraw takes nothing from anybody (hidapi issue 91). But since Linux 5.11 an input device has `inhibited`:
 * while it is 1 no input handler hears of it, and hidraw, which is fed below the input layer, still does
 * (Documentation/input/input-programming.rst; commit a181616487db).
 */
export async function exclusiveUse(place: HidPlace): Promise<Exclusive> {
  const names = await readdir(join(place.folder, 'input')).catch(() => [])
  const taken: string[] = []
  const giveBack = async () => {
    // Unplugged, there is nothing to give back.
    for (const file of taken.splice(0)) await writeFile(file, '0').catch(() => {})
  }
  for (const name of names.filter(name => /^input\d+$/.test(name))) {
    const file = join(place.folder, 'input', name, 'inhibited')
    try {
      if ((await readFile(file, 'utf8')).trim() === '1') continue
      await writeFile(file, '1')
      taken.push(file)
    } catch (error) {
      await giveBack()
      return { problem: sharedKeys(place, (error as NodeJS.ErrnoException).code === 'ENOENT'), giveBack }
    }
  }
  return { problem: null, giveBack }
}

function sharedKeys({ name, path, vendorId, productId }: HidPlace, isOldKernel: boolean): string {
  const shared = `what ${name || path} reads is typed at the console too`
  if (isOldKernel) return `${shared}: set it to HID-POS or USB serial, or install a kernel of 5.11 or newer`
  const rule = `SUBSYSTEM=="input", ATTRS{idVendor}=="${vendorId}", ATTRS{idProduct}=="${productId}", ATTR{inhibited}="1"`
  return `${shared}: put ${rule} into /etc/udev/rules.d/70-gatehouse.rules and plug it in again`
}
