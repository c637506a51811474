import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { runToEnd } from '../testing/program.ts'
import { testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'

// Each begins a process, on a machine that has others to start.
vi.setConfig({ testTimeout: 90_000 })

const USB = 'sys/devices/pci0000:00/0000:00:14.0/usb1'

/** A machine with a CH340 relay, an FTDI adapter with a serial number, a pcProx and a UART that is not there. */
async function machine(): Promise<string> {
  const root = await tempFolder()
  const put = (path: string, text = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(join(root, target), join(root, path))
  }
  const usb = (place: string, ids: Record<string, string>) => {
    for (const [name, text] of Object.entries(ids)) put(`${USB}/${place}/${name}`, `${text}\n`)
  }
  usb('1-1', { idVendor: '1a86', idProduct: '7523', product: 'USB Serial' })
  put(`${USB}/1-1/1-1:1.0/ttyUSB0/uevent`)
  link('sys/class/tty/ttyUSB0/device', `${USB}/1-1/1-1:1.0/ttyUSB0`)
  usb('1-2', { idVendor: '0403', idProduct: '6001', serial: 'A50285BI', product: 'FT232R USB UART' })
  put(`${USB}/1-2/1-2:1.0/ttyUSB10/uevent`)
  link('sys/class/tty/ttyUSB10/device', `${USB}/1-2/1-2:1.0/ttyUSB10`)
  usb('1-3', { idVendor: '0c27', idProduct: '3bfa' })
  put(
    `${USB}/1-3/1-3:1.0/0003:0C27:3BFA.0001/uevent`,
    'DRIVER=hid-generic\nHID_ID=0003:00000C27:00003BFA\nHID_NAME=RFIDeas USB Keyboard\nHID_UNIQ=\n',
  )
  link('sys/class/hidraw/hidraw0/device', `${USB}/1-3/1-3:1.0/0003:0C27:3BFA.0001`)
  put('sys/devices/platform/serial8250/uevent')
  put('sys/class/tty/ttyS4/type', '0\n')
  link('sys/class/tty/ttyS4/device', 'sys/devices/platform/serial8250')
  put('sys/class/tty/tty1/uevent')
  for (const node of ['ttyUSB0', 'ttyUSB10']) put(`dev/${node}`)
  link('dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0', 'dev/ttyUSB0')
  link('dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', 'dev/ttyUSB0')
  link('dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0', 'dev/ttyUSB10')
  link('dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0', 'dev/ttyUSB10')
  return root
}

describe('gateway devices', () => {
  test('names each device by what stays, and guesses what it is', async () => {
    const ended = await runToEnd(['gateway', 'devices', '--root', await machine(), '--json'])
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(ended.out)).toMatchObject([
      {
        kind: 'hid',
        path: '/dev/hidraw0',
        vendorId: '0c27',
        productId: '3bfa',
        product: 'RFIDeas USB Keyboard',
        usbPath: '1-3:1.0',
        guess: { families: ['pcprox'] },
        access: false,
        usedBy: null,
      },
      {
        kind: 'serial',
        // A CH340 has no serial number, and two of them share one name in by-id.
        path: '/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0',
        node: '/dev/ttyUSB0',
        serial: null,
        usbPath: '1-1',
        access: true,
      },
      {
        kind: 'serial',
        path: '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0',
        node: '/dev/ttyUSB10',
        serial: 'A50285BI',
      },
    ])
  })

  test('says which reader and which board of a gate each one is', async () => {
    const folder = await tempFolder()
    writeFileSync(join(folder, 'identity.json'), JSON.stringify(testSchool().identity()))
    const port = (path: string) => ({ kind: 'serial', path })
    const config = {
      identity: 'identity.json',
      data: 'data',
      boards: [{ id: 'relay', family: 'lcus', port: port('/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0') }],
      lanes: [
        {
          lane: 'in',
          name: 'In',
          direction: 'in',
          groups: [0],
          readers: [{ id: 'card', family: 'rdm6300', port: port('/dev/ttyUSB10') }],
          door: { output: { board: 'relay', channel: 1 } },
        },
      ],
    }
    writeFileSync(join(folder, 'gate.json'), JSON.stringify(config))
    const { out, err } = await runToEnd([
      'gateway',
      'devices',
      '--root',
      await machine(),
      '--config',
      join(folder, 'gate.json'),
    ])
    expect(err).toBe('')
    const [, relay, adapter] = out.split(/\n(?=\/dev)/)
    expect(relay).toContain('CH340 serial chip')
    expect(relay).toContain('  board relay')
    expect(adapter).toContain('  reader card of lane in')
  })

  test('an empty machine has none, and the help has examples', async () => {
    expect(await runToEnd(['gateway', 'devices', '--root', await tempFolder()])).toEqual({
      code: 0,
      err: '',
      out: 'No serial or HID device is plugged in.\n',
    })
    expect((await runToEnd(['gateway', 'devices', '--help'])).out).toContain('$ gatehouse gateway devices')
  })
})
