import { HidPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { describe, expect, test } from 'vitest'
import { hidTree } from '../testing/hid-tree.ts'
import { hidPlaces, noPlace, placesFor } from './hid-places.ts'

const config = (more: object = {}) => HidPortConfig.parse({ kind: 'hid', vendorId: '0c2e', productId: '0b81', ...more })

async function twoScanners() {
  const tree = await hidTree()
  await tree.plug({ hidraw: 10, ids: '0c2e:0b81', usb: '1-1.4:1.0', name: 'Honeywell Scanner', serial: '17' })
  await tree.plug({ hidraw: 2, ids: '0c2e:0b81', usb: '1-1.3:1.0', name: 'Honeywell Scanner', serial: '16' })
  await tree.plug({ hidraw: 3, ids: '16c0:05df', usb: '1-2:1.0', name: 'www.dcttech.com USBRelay2' })
  await tree.plug({ hidraw: 4, ids: '1d6b:0104' })
  return { tree, places: await hidPlaces(tree) }
}

describe('the HID devices of a machine', () => {
  test('are read from sysfs: ids, name, serial number and USB place', async () => {
    const { tree, places } = await twoScanners()
    expect(places.map(({ folder, ...place }) => place)).toEqual([
      {
        path: `${tree.dev}/hidraw2`,
        vendorId: '0c2e',
        productId: '0b81',
        name: 'Honeywell Scanner',
        serial: '16',
        usbPath: '1-1.3:1.0',
      },
      {
        path: `${tree.dev}/hidraw3`,
        vendorId: '16c0',
        productId: '05df',
        name: 'www.dcttech.com USBRelay2',
        serial: null,
        usbPath: '1-2:1.0',
      },
      { path: `${tree.dev}/hidraw4`, vendorId: '1d6b', productId: '0104', name: '', serial: null, usbPath: null },
      {
        path: `${tree.dev}/hidraw10`,
        vendorId: '0c2e',
        productId: '0b81',
        name: 'Honeywell Scanner',
        serial: '17',
        usbPath: '1-1.4:1.0',
      },
    ])
  })

  test('are none where the machine has no such folder', async () => {
    expect(await hidPlaces(await hidTree())).toEqual([])
  })

  test.each([
    ['a serial number', { serial: '17' }, ['17']],
    ['a USB place', { usbPath: '1-1.3' }, ['16']],
    ['a USB place and interface', { usbPath: '1-1.4:1.0' }, ['17']],
    ['the ids alone', {}, ['16', '17']],
    ['a serial number that none has', { serial: '18' }, []],
    ['an interface that none has', { usbPath: '1-1.4:1.1' }, []],
  ])('are told apart by %s', async (_by, more, serials) => {
    const { places } = await twoScanners()
    expect(placesFor(config(more), places).map(({ serial }) => serial)).toEqual(serials)
  })

  test('of ids that many makers share are told apart by their name', async () => {
    const { tree } = await twoScanners()
    await tree.plug({ hidraw: 5, ids: '16c0:05df', usb: '1-5:1.0', name: 'somebody HIDThing' })
    const shared = HidPortConfig.parse({ kind: 'hid', vendorId: '16c0', productId: '05df' })
    const found = placesFor(shared, await hidPlaces(tree), { name: /USBRelay/ })
    expect(found.map(({ path }) => path)).toEqual([`${tree.dev}/hidraw3`])
  })

  test('that are not there are said with what is', async () => {
    const { places } = await twoScanners()
    expect(noPlace(config({ serial: '18' }), places)).toBe(
      'there is no USB device 0c2e:0b81 serial 18, but one of 0c2e:0b81 serial 16 at 1-1.3:1.0 and one serial 17 at 1-1.4:1.0',
    )
    expect(noPlace(config(), [])).toBe(
      'there is no USB device 0c2e:0b81: plug it in; lsusb lists what the machine sees',
    )
  })
})
