import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GateConfiguration } from '@gatehouse/shared/command/gate-configuration.ts'
import { GateConfig } from '@gatehouse/shared/wire/gate-config.ts'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { configurationFile, configurationPath, hardwareOf, NOTHING_KEPT } from './kept-configuration.ts'

const HARDWARE = {
  boards: [{ family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }],
  lanes: [
    {
      lane: 'in',
      name: 'Way in',
      direction: 'in',
      groups: [0],
      readers: [{ family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } }],
      door: { output: { board: 'relays', channel: 1 } },
    },
  ],
}
const inForce = GateConfiguration.parse({
  tenant: 'test-campus',
  gate: 'gate-north-1',
  version: 5,
  issuedAtMs: 1,
  ...HARDWARE,
})
const KEPT = { ...NOTHING_KEPT, inForce, refused: { version: 6, problem: 'not up' } }

async function kept() {
  const data = await tempFolder()
  const path = configurationPath(data)
  configurationFile(path).write(KEPT)
  return { data, path }
}

test('what was kept is read as it was, and nothing where there is no file', async () => {
  const { path } = await kept()
  expect(configurationFile(path).read()).toEqual(KEPT)
  expect(configurationFile(`${path}.other`).read()).toEqual(NOTHING_KEPT)
})

test('a bit that fell is nothing kept, wherever it fell', async () => {
  const { path } = await kept()
  const whole = readFileSync(path)
  for (let at = 0; at < whole.length; at++) {
    const flipped = Uint8Array.from(whole)
    flipped[at]! ^= 1
    writeFileSync(path, flipped)
    expect(configurationFile(path).read()).toEqual(NOTHING_KEPT)
  }
  writeFileSync(path, whole.subarray(0, whole.length / 2))
  expect(configurationFile(path).read()).toEqual(NOTHING_KEPT)
})

test('the lanes of the gate’s own file come first, then the last good ones of the cloud', async () => {
  const { data } = await kept()
  const own = GateConfig.parse({ data, ...HARDWARE, lanes: [{ ...HARDWARE.lanes[0], lane: 'side' }] })
  expect(hardwareOf(own)?.lanes[0]?.lane).toBe('side')
  expect(hardwareOf(GateConfig.parse({ data }))?.lanes[0]?.lane).toBe('in')
  expect(hardwareOf(GateConfig.parse({ data: join(data, 'new') }))).toBeNull()
})
