import { realpathSync } from 'node:fs'
import type { GateConfig } from '@gatehouse/shared/wire/gate-config.ts'
import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { Command } from 'commander'
import { readGate } from '../config.ts'
import { type PluggedIn, pluggedIn } from '../devices/plugged-in.ts'
import { cannot, examples } from './usage.ts'

type Options = { readonly config?: string; readonly root: string; readonly json?: true }

export function devicesCommand(): Command {
  return new Command('devices')
    .description(
      'Serial and HID devices that are plugged in: the name that stays, what it may be, whether it can be opened, who uses it.',
    )
    .option('--config <file>', 'a gate’s configuration: say which of its readers and boards each one is')
    .option('--root <folder>', 'where the file system begins, for one that is mounted elsewhere', '/')
    .option(
      '--json',
      'answer in JSON: [{kind, path, node, vendorId, productId, serial, product, usbPath, guess, access, usedBy}]',
    )
    .addHelpText(
      'after',
      examples('gatehouse gateway devices', 'gatehouse gateway devices --config /etc/gatehouse/gate.json --json'),
    )
    .action(async ({ config: path, root, json }: Options) => {
      const users = path === undefined ? [] : usersOf(path)
      const devices = (await pluggedIn(root)).map(device => ({
        ...device,
        usedBy: users.find(({ port }) => isOn(port, device))?.name ?? null,
      }))
      if (json) process.stdout.write(`${JSON.stringify(devices)}\n`)
      else if (devices.length === 0) process.stdout.write('No serial or HID device is plugged in.\n')
      else process.stdout.write(`${devices.map(described).join('\n')}\n`)
    })
}

type User = { readonly name: string; readonly port: PortConfig | ReportPortConfig }

function usersOf(path: string): User[] {
  const gate = readGate(path)
  if (!gate.ok) throw cannot(gate.failure)
  const { boards, lanes }: GateConfig = gate.value.config
  return [
    ...boards.flatMap(board => ('port' in board ? [{ name: `board ${board.id}`, port: board.port }] : [])),
    ...lanes.flatMap(({ lane, readers }) =>
      readers.map(({ id, port }) => ({ name: `reader ${id} of lane ${lane}`, port })),
    ),
  ]
}

function isOn(port: User['port'], { kind, path, node, vendorId, productId, serial, usbPath }: PluggedIn): boolean {
  if (port.kind === 'serial') return kind === 'serial' && [path, node, nodeOf(path)].includes(nodeOf(port.path))
  if (port.kind !== 'hid' || kind !== 'hid') return false
  if (port.vendorId !== vendorId || port.productId !== productId) return false
  if (port.serial !== undefined && port.serial !== serial) return false
  return port.usbPath === undefined || usbPath === port.usbPath || usbPath?.split(':')[0] === port.usbPath
}

function nodeOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function described({
  kind,
  path,
  node,
  vendorId,
  productId,
  serial,
  product,
  usbPath,
  guess,
  access,
  usedBy,
}: PluggedIn & { usedBy: string | null }): string {
  const ids = vendorId === null ? 'no USB device' : `${vendorId}:${productId}`
  const lines = [
    path === node ? path : `${path} (${node})`,
    `  ${[kind, ids, product, serial && `serial number ${serial}`, usbPath && `at ${usbPath}`].filter(Boolean).join(', ')}`,
    `  ${guess === null ? 'not known' : `${guess.is}${guess.families.length === 0 ? '' : ` (${guess.families.join(', ')})`}`}`,
    access
      ? '  can be opened'
      : `  cannot be opened by this user: ${kind === 'serial' ? 'add it to group dialout' : 'a udev rule is missing (gatehouse gateway install --print)'}`,
  ]
  return [...lines, ...(usedBy === null ? [] : [`  ${usedBy}`])].join('\n')
}
