import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hidTree } from '../testing/hid-tree.ts'
import { exclusiveUse } from './exclusive.ts'
import { hidPlaces } from './hid-places.ts'

const SHARED = 'what Honeywell Scanner reads is typed at the console too: '

async function plugged(input?: number) {
  const tree = await hidTree()
  const device = { hidraw: 0, ids: '0c2e:0b81', name: 'Honeywell Scanner' }
  const folder = await tree.plug(input === undefined ? device : { ...device, input })
  const [place] = await hidPlaces(tree)
  return { tree, folder, place: place! }
}

/** The system refuses to have this text written. */
function refusing(refused: string, code: string) {
  return async (file: string, text: string) => {
    if (text === refused) throw Object.assign(new Error(code), { code })
    await writeFile(file, text)
  }
}

describe('a keyboard without an input device to be seen', () => {
  test('that makes none is not taken for kept', async () => {
    const { place } = await plugged()
    expect((await exclusiveUse(place)).problem).toContain(`${SHARED}no input device is in ${place.folder}/input`)
  })

  test('whose folder holds something else is not taken for kept', async () => {
    const { place, folder } = await plugged()
    await mkdir(join(folder, 'input/event5'), { recursive: true })
    expect((await exclusiveUse(place)).problem).toContain(`${SHARED}no input device`)
  })
})

describe('a system that refuses', () => {
  test.each([
    ['EACCES', 'put SUBSYSTEM=="input", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b81", ATTR{inhibited}="1" into '],
    ['EPERM', 'put SUBSYSTEM=="input", '],
    [
      'EROFS',
      'let the container write /sys, or give its host the rule that gateway install --print --wedge 0c2e:0b81 ',
    ],
    ['ENOENT', 'set it to HID-POS or USB serial, or install a kernel of 5.11 or newer'],
    ['EIO', 'the system did not let go of it (EIO): plug it in again'],
  ])('with %s: %s', async (code, remedy) => {
    const { place } = await plugged(5)
    expect((await exclusiveUse(place, refusing('1', code))).problem).toContain(`${SHARED}${remedy}`)
  })

  test('the second of two input devices: the first is given back', async () => {
    const { tree, place, folder } = await plugged(5)
    await mkdir(join(folder, 'input/input6/inhibited'), { recursive: true })
    expect((await exclusiveUse(place)).problem).toContain('EISDIR')
    expect(await tree.inhibited(folder, 5)).toBe('0')
  })
})

describe('keys that are given back', () => {
  test('are told when the system does not take them, and tried again', async () => {
    const { tree, place, folder } = await plugged(5)
    let code: string | null = 'EACCES'
    const use = await exclusiveUse(place, (file, text) =>
      (code !== null && text === '0' ? refusing('0', code) : writeFile)(file, text),
    )
    expect(use.problem).toBeNull()
    expect(await use.giveBack()).toBe('Honeywell Scanner stays kept from the console (EACCES): plug it in again')
    code = null
    expect(await use.giveBack()).toBeNull()
    expect(await tree.inhibited(folder, 5)).toBe('0')
  })

  test('of an unplugged device: nothing to tell', async () => {
    const { place, folder } = await plugged(5)
    const use = await exclusiveUse(place)
    await rm(join(folder, 'input'), { recursive: true })
    expect(await use.giveBack()).toBeNull()
  })
})
