import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HidPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { describe, expect, test } from 'vitest'
import { hidTree } from '../testing/hid-tree.ts'
import { type MemoryReportPort, memoryReportPort } from '../testing/memory-report-port.ts'
import { type HidNeeds, openHidPort } from './hid-port.ts'

const never = new AbortController().signal
const scanner = { ids: '0c2e:0b81', usb: '1-1.4:1.0', name: 'Honeywell Scanner' }

async function machine() {
  const tree = await hidTree()
  const opened: { readonly path: string; readonly port: MemoryReportPort }[] = []
  const open = async (path: string) => {
    const port = memoryReportPort()
    opened.push({ path: path.replace(tree.dev, '/dev'), port })
    return port
  }
  const openWith = (more: object = {}, needs: HidNeeds = {}) => {
    const config = HidPortConfig.parse({ kind: 'hid', vendorId: '0c2e', productId: '0b81', ...more })
    return openHidPort(config, needs, never, { folders: tree, open })
  }
  return { tree, opened, openWith, paths: () => opened.map(({ path }) => path) }
}

describe('a HID port', () => {
  test('is found wherever it woke', async () => {
    const { tree, openWith, paths } = await machine()
    await tree.plug({ ...scanner, hidraw: 7 })
    await openWith()
    expect(paths()).toEqual(['/dev/hidraw7'])
  })

  test('of two of a kind is not guessed', async () => {
    const { tree, openWith, paths } = await machine()
    await tree.plug({ ...scanner, hidraw: 0 })
    await tree.plug({ ...scanner, hidraw: 1, usb: '1-1.3:1.0' })
    await expect(openWith()).rejects.toThrow(
      'there are 2 USB devices 0c2e:0b81, at 1-1.4 and 1-1.3: say which by its serial number or USB place',
    )
    expect(paths()).toEqual([])
    await openWith({ usbPath: '1-1.3' })
    expect(paths()).toEqual(['/dev/hidraw1'])
  })

  test('of one device with two interfaces is the first', async () => {
    const { tree, openWith, paths } = await machine()
    await tree.plug({ ...scanner, hidraw: 0 })
    await tree.plug({ ...scanner, hidraw: 1, usb: '1-1.4:1.1' })
    await openWith()
    expect(paths()).toEqual(['/dev/hidraw0'])
  })

  test('whose serial number is elsewhere is asked for it, and closed when it is another', async () => {
    const { tree, opened, openWith } = await machine()
    await tree.plug({ ...scanner, hidraw: 0 })
    await tree.plug({ ...scanner, hidraw: 1, usb: '1-1.3:1.0' })
    const port = await openWith(
      { serial: 'BITFT' },
      { serialOf: async port => (port === opened[1]?.port ? 'BITFT' : 'OTHER') },
    )
    expect(opened[0]!.port.closed).toBe(true)
    expect(port).toBe(opened[1]!.port)
  })

  test('that is not there says so', async () => {
    await expect((await machine()).openWith()).rejects.toThrow('there is no USB device 0c2e:0b81: plug it in')
  })
})

describe('what a keyboard reader types', () => {
  const warned: string[] = []
  const exclusive = { exclusive: true, warn: (problem: string) => warned.push(problem) }

  test('is kept from the console while the port is open', async () => {
    const { tree, openWith } = await machine()
    const folder = await tree.plug({ ...scanner, hidraw: 0, input: 5 })
    const port = await openWith({}, exclusive)
    expect(await tree.inhibited(folder, 5)).toBe('1')
    await port[Symbol.asyncDispose]()
    expect(await tree.inhibited(folder, 5)).toBe('0')
    expect(warned).toEqual([])
  })

  test('stays kept from it where a udev rule did so before', async () => {
    const { tree, openWith } = await machine()
    const folder = await tree.plug({ ...scanner, hidraw: 0, input: 5 })
    const first = await openWith({}, exclusive)
    const second = await openWith({}, exclusive)
    await second[Symbol.asyncDispose]()
    expect(await tree.inhibited(folder, 5)).toBe('1')
    await first[Symbol.asyncDispose]()
  })

  test('that cannot be kept from it is read all the same, and the remedy said', async () => {
    const { tree, openWith } = await machine()
    await tree.plug({ ...scanner, hidraw: 0, input: 5, canInhibit: false })
    const port = await openWith({}, exclusive)
    await port[Symbol.asyncDispose]()
    expect(warned).toEqual([
      'what Honeywell Scanner reads is typed at the console too: set it to HID-POS or USB serial, or install a kernel of 5.11 or newer',
    ])
  })

  test('that the system keeps to itself: read all the same, and said', async () => {
    warned.length = 0
    const { tree, openWith } = await machine()
    await tree.plug({ ...scanner, hidraw: 0, input: 5, isLocked: true })
    await openWith({}, exclusive)
    expect(warned).toEqual([expect.stringContaining('(EISDIR): plug it in again')])
  })

  test('that cannot be given back: said when the port closes', async () => {
    warned.length = 0
    const { tree, openWith } = await machine()
    const folder = await tree.plug({ ...scanner, hidraw: 0, input: 5 })
    const port = await openWith({}, exclusive)
    await rm(join(folder, 'input/input5/inhibited'))
    await mkdir(join(folder, 'input/input5/inhibited'))
    await port[Symbol.asyncDispose]()
    expect(warned).toEqual(['Honeywell Scanner stays kept from the console (EISDIR): plug it in again'])
  })
})
