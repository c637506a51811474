import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { Plugged } from '../ports.ts'

/** Names that a reader or a board has below `/dev`, and the folder that holds their lasting names. */
const DEVICE = /^(tty[A-Z]|hidraw|rfcomm|gpiochip|serial$)/

/** Folders of lasting names, which come and go with their first and last device. */
const LASTING = ['serial', 'serial/by-id', 'serial/by-path']

export type DeviceWatch = { readonly plugged: Plugged; close(): void }

/**
 * Says when a device appeared or went below `/dev`, so that whoever waits for one need not wait out its pause. A machine
 * that cannot be watched says nothing, and the pauses do.
 */
export function watchDevices(dev = '/dev'): DeviceWatch {
  const watchers = new Map<string, FSWatcher>()
  let waiting: (() => void)[] = []
  const tell = () => {
    const all = waiting
    waiting = []
    for (const wake of all) wake()
  }
  const arm = (folder: string, isDevice: (name: string) => boolean) => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        // `change` is somebody who writes to a device.
        if (event !== 'rename' || name === null || !isDevice(name)) return
        if (folder === dev || name.startsWith('by-')) armLasting()
        tell()
      })
      watcher.on('error', () => watcher.close())
      watchers.set(folder, watcher)
    } catch {
      // It is not there yet; its parent says when it is.
    }
  }
  // A watched folder that was taken away and made again is another folder: each is watched anew.
  const armLasting = () => {
    for (const name of LASTING) arm(join(dev, name), () => true)
  }
  arm(dev, name => DEVICE.test(name))
  armLasting()

  return {
    plugged: signal =>
      new Promise(resolve => {
        if (signal.aborted) return resolve()
        waiting.push(resolve)
        signal.addEventListener(
          'abort',
          () => {
            waiting = waiting.filter(wake => wake !== resolve)
            resolve()
          },
          { once: true },
        )
      }),
    close() {
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
      tell()
    },
  }
}
