import { watch as fsWatch } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { watchDevices } from './watch.ts'

const never = new AbortController().signal

async function watching() {
  const dev = await tempFolder()
  const watch = watchDevices(dev)
  onTestFinished(() => watch.close())
  return { dev, watch }
}

test('a device that appears is said, and one that goes', async () => {
  const { dev, watch } = await watching()
  const came = watch.plugged(never)
  await writeFile(join(dev, 'hidraw0'), '')
  await came
  const went = watch.plugged(never)
  await rm(join(dev, 'hidraw0'))
  await went
})

test('what is no device is not', async () => {
  const { dev, watch } = await watching()
  const stop = new AbortController()
  let said = false
  const plugged = watch.plugged(stop.signal).then(() => {
    said = !stop.signal.aborted
  })
  // A second watch of the same folder hears of each file after the first one did.
  const ear = fsWatch(dev)
  onTestFinished(() => ear.close())
  const heard = new Promise<void>(resolve => {
    ear.on('change', (_event, name) => name === 'elsewhere' && resolve())
  })
  await writeFile(join(dev, 'sda1'), '')
  await writeFile(join(dev, 'elsewhere'), '')
  await heard
  expect(said).toBe(false)
  stop.abort()
  await plugged
})

test('a lasting name is said in a folder that was not there at first, also when it went and came again', async () => {
  const { dev, watch } = await watching()
  for (let time = 0; time < 2; time++) {
    const first = watch.plugged(never)
    // As udev does: the folder is there, with its first name in it or not yet.
    await mkdir(join(dev, 'made/by-id'), { recursive: true })
    await rename(join(dev, 'made'), join(dev, 'serial'))
    await first
    const named = watch.plugged(never)
    await symlink('../../ttyUSB0', join(dev, 'serial/by-id/usb-1a86_USB_Serial'))
    await named
    const gone = watch.plugged(never)
    await rm(join(dev, 'serial'), { recursive: true })
    await gone
  }
})

test('a machine without such a folder says nothing, and stops when told', async () => {
  const watch = watchDevices('/nowhere/at/all')
  const stop = new AbortController()
  const plugged = watch.plugged(stop.signal)
  stop.abort()
  await plugged
  watch.close()
})
