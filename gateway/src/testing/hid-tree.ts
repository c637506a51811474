import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { SystemFolders } from '../devices/hid-places.ts'
import { tempFolder } from './temp-folder.ts'

export type HidTree = SystemFolders & {
  /** Makes a device appear as the kernel shows one; gives its folder. */
  plug(device: {
    readonly hidraw: number
    /** `0c2e:0b81`. */
    readonly ids: string
    /** `1-1.4:1.0`; absent: on no USB. */
    readonly usb?: string
    readonly name?: string
    readonly serial?: string
    /** Number of the input device that it makes; absent: it is no keyboard. */
    readonly input?: number
    /** False: the kernel is older than 5.11. */
    readonly canInhibit?: boolean
    /** Its `inhibited` cannot be written. A folder stands in its place, which also root cannot write. */
    readonly isLocked?: boolean
  }): Promise<string>
  /** What is in the `inhibited` of an input device. */
  inhibited(folder: string, input: number): Promise<string>
}

/** A made-up `/sys` with HID devices in it, linked as the kernel links them. */
export async function hidTree(): Promise<HidTree> {
  const root = await tempFolder()
  const sys = join(root, 'sys')
  const dev = join(root, 'dev')
  return {
    sys,
    dev,
    async plug({ hidraw, ids, usb, name = '', serial = '', input, canInhibit = true, isLocked = false }) {
      const [vendor, product] = ids.toUpperCase().split(':')
      const bus = usb === undefined ? 'virtual/misc/uhid' : `pci0000:00/usb1/${usb.split(':')[0]}/${usb}`
      const folder = join(sys, 'devices', bus, `0003:${vendor}:${product}.000${hidraw}`)
      const node = join(folder, 'hidraw', `hidraw${hidraw}`)
      await mkdir(node, { recursive: true })
      await symlink('../..', join(node, 'device'))
      const uevent = [
        'DRIVER=hid-generic',
        `HID_ID=0003:0000${vendor}:0000${product}`,
        `HID_NAME=${name}`,
        `HID_PHYS=usb-0000:00:14.0-1.${hidraw}/input0`,
        `HID_UNIQ=${serial}`,
        `MODALIAS=hid:b0003g0001v0000${vendor}p0000${product}`,
      ]
      await writeFile(join(folder, 'uevent'), `${uevent.join('\n')}\n`)
      const links = join(sys, 'class/hidraw')
      await mkdir(links, { recursive: true })
      await symlink(relative(links, node), join(links, `hidraw${hidraw}`))
      if (input !== undefined) {
        const made = join(folder, 'input', `input${input}`)
        await mkdir(made, { recursive: true })
        if (isLocked) await mkdir(join(made, 'inhibited'))
        else if (canInhibit) await writeFile(join(made, 'inhibited'), '0\n')
      }
      return folder
    },
    inhibited: async (folder, input) =>
      (await readFile(join(folder, 'input', `input${input}`, 'inhibited'), 'utf8')).trim(),
  }
}
