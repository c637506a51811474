import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { lockFolder } from '../store/folder-lock.ts'
import { runToEnd, startProgram } from '../testing/program.ts'
import { testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'

// Each begins several processes, on a machine that has others to start.
vi.setConfig({ testTimeout: 90_000 })

/** A simulated device on a port of this machine, told by lines as a person types them. */
async function simulated(...args: string[]) {
  const device = startProgram(['gateway', 'simulate', ...args], undefined, 'pipe')
  const line = await device.line('stands at')
  const place = line.split('stands at ')[1]!
  return { ...device, place, type: (text: string) => device.child.stdin!.write(`${text}\n`) }
}

/** A gate whose one door hangs on the board that stands at this place, with a sensor. */
async function gateWith(place: string, family: string) {
  const folder = await tempFolder()
  const [host, port] = place.split(':')
  const tcp = { kind: 'tcp', host, port: Number(port) }
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'identity.json'), JSON.stringify(testSchool().identity()))
  const sensor = family === 'controller' ? { contacts: { sensor: { board: 'board', channel: 2 } } } : {}
  const lane = {
    lane: 'in',
    name: 'In',
    direction: 'in',
    groups: [0],
    readers: [{ id: 'card', family: 'rdm6300', port: { kind: 'serial', path: 'no-reader' } }],
    door: { output: { board: 'board', channel: 1 }, pulseMs: 300, ...sensor },
  }
  const config = join(folder, 'gate.json')
  writeFileSync(
    config,
    JSON.stringify({
      identity: 'identity.json',
      data: 'data',
      boards: [{ id: 'board', family, port: tcp }],
      lanes: [lane],
    }),
  )
  return { config, data: join(folder, 'data') }
}

describe('gateway monitor', () => {
  test('shows the bytes of a simulated reader, and its card', async () => {
    const reader = await simulated('rdm6300')
    const monitor = startProgram(['gateway', 'monitor', reader.place, '--family', 'rdm6300'])
    await monitor.line('is open')
    // A line is open before its far end knows; what is presented in between is lost, as in life.
    await expect
      .poll(
        () => {
          reader.type('card 01000734E0')
          return monitor.out()
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('card em4100')
    expect(await monitor.line('card em4100')).toContain('card em4100, 40 bits: 01000734e0')
    expect(await monitor.line('02 30 31')).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} {2}02 30 31 30 30 30 37 33 34 45 30 44 32 03 {8}\.01000734E0D2\.$/,
    )
    expect(await reader.line('sent')).toBe('sent 14 bytes')
    monitor.child.kill('SIGINT')
    expect(await monitor.ended).toMatchObject({ code: 0, err: '' })
  })

  test('over a serial port, without a family: bytes and nothing else', async () => {
    const link = join(await tempFolder(), 'scanner')
    const scanner = await simulated('line', '--pty', link)
    expect(scanner.place).toBe(link)
    const monitor = startProgram(['gateway', 'monitor', link])
    await monitor.line('is open')
    await expect
      .poll(
        () => {
          scanner.type('qr 1575')
          return monitor.out()
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('31 35 37 35')
    expect(await monitor.line('31 35 37 35')).toContain('1575..')
    monitor.child.kill('SIGTERM')
    expect((await monitor.ended).code).toBe(0)
  })

  test('a device that is not there is told in a sentence, with what to do', async () => {
    const ended = await runToEnd(['gateway', 'monitor', '/dev/ttyUSB99'])
    expect(ended).toMatchObject({ code: 1, out: '' })
    expect(ended.err).toContain('there is no /dev/ttyUSB99: plug the device in')
  })
})

describe('gateway simulate FAMILY', () => {
  test('says what it cannot do, and what it can', async () => {
    const reader = await simulated('id12')
    reader.type('card 0100')
    await reader.line('A card is five bytes in hexadecimal')
    reader.type('dance')
    await reader.line('A reader is told: card HEX, qr TEXT or pin DIGITS.')
    reader.type('card 01000734E0')
    expect(await reader.line('sent')).toBe('sent 16 bytes')
    reader.child.kill('SIGTERM')
    expect((await reader.ended).code).toBe(0)
  })

  test('wants a family or a configuration', async () => {
    expect(await runToEnd(['gateway', 'simulate'])).toMatchObject({ code: 2 })
  })
})

describe('gateway try', () => {
  test('opens the door once, and says what its contacts do', async () => {
    const board = await simulated('controller')
    const { config } = await gateWith(board.place, 'controller')
    const trying = startProgram(['gateway', 'try', 'in', '--config', config, '--seconds', '2', '--yes'])
    await trying.line('Released for 300 ms.')
    await board.line('output 1 on')
    board.type('close 2')
    expect(await trying.line('sensor: yes')).toBe('sensor: yes (the contact is closed)')
    await board.line('output 1 off')
    const ended = await trying.ended
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toContain('Done; every output is at rest.')
    expect(board.out().match(/output 1 on/g)).toHaveLength(1)
  })

  test('asks first, and does nothing without a yes', async () => {
    const board = await simulated('lcus')
    const { config } = await gateWith(board.place, 'lcus')
    const trying = startProgram(['gateway', 'try', 'in', '--config', config], undefined, 'pipe')
    trying.child.stdin!.end('no\n')
    const ended = await trying.ended
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toContain('This opens the door of lane in (In) for 300 ms, by channel 1 of board board.')
    expect(ended.out).toContain('Nothing was done.')
    expect(board.out()).not.toContain('output')
  })

  test('does not begin while a gateway runs on the folder', async () => {
    const board = await simulated('lcus')
    const { config, data } = await gateWith(board.place, 'lcus')
    const running = lockFolder(data)
    const ended = await runToEnd(['gateway', 'try', 'in', '--config', config, '--yes'])
    running.release()
    expect(ended).toMatchObject({ code: 1, out: '' })
    expect(ended.err).toContain('another gateway runs on')
    expect(board.out()).not.toContain('output')
  })

  test('says what is wrong with a board that is not there', async () => {
    const { config } = await gateWith('127.0.0.1:1', 'lcus')
    const ended = await runToEnd(['gateway', 'try', 'in', '--config', config, '--yes'])
    expect(ended.code).toBe(1)
    expect(ended.err).toContain('no serial server at 127.0.0.1:1: check its power, address and port')
  })
})

describe('gateway install --print', () => {
  test('prints a unit and rules for the paths and devices that it is given', async () => {
    const args = ['--program', '/srv/gate house/gatehouse', '--config', '/srv/gate.json', '--data', '/srv/data']
    const { code, out } = await runToEnd([
      ...['gateway', 'install', '--print', ...args],
      ...['--hid', '0C27:3BFA', '--wedge', '0c2e:0b81'],
    ])
    expect(code).toBe(0)
    expect(out).toContain('ExecStart="/srv/gate house/gatehouse" gateway run --config "/srv/gate.json"')
    expect(out).toContain('ReadWritePaths="/srv/data"')
    // Nobody notifies systemd, and a watchdog would end a gate that is well.
    expect(out).not.toContain('WatchdogSec')
    expect(out).toContain('ATTR{latency_timer}="1"')
    expect(out).toContain(
      'SUBSYSTEM=="hidraw", ATTRS{idVendor}=="0c27", ATTRS{idProduct}=="3bfa", GROUP="plugdev", MODE="0660"',
    )
    expect(out).toContain('ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b81", ATTR{inhibited}="1"')
  })

  test('an id that is none is told', async () => {
    const ended = await runToEnd(['gateway', 'install', '--print', '--hid', 'pcprox'])
    expect(ended).toMatchObject({ code: 1, out: '' })
    expect(ended.err).toContain('pcprox is no USB id')
  })
})
