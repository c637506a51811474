import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readGate } from './config.ts'
import { testSchool } from './testing/school.ts'
import { tempFolder } from './testing/temp-folder.ts'

const good = {
  lanes: [
    {
      lane: 'in',
      name: 'In',
      direction: 'in',
      groups: [0],
      readers: [
        { family: 'rdm6300', id: 'card', port: { kind: 'serial', path: 'ports/card' } },
        { family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.5', port: 4001 } },
      ],
      door: { family: 'lcus', channel: 1, port: { kind: 'serial', path: '/dev/ttyUSB1' } },
    },
  ],
}

async function read(change: (config: typeof good) => unknown, identity: object | string = testSchool().identity()) {
  const folder = await tempFolder()
  const path = join(folder, 'gate.json')
  writeFileSync(path, JSON.stringify(change(structuredClone(good))))
  writeFileSync(join(folder, 'identity.json'), typeof identity === 'string' ? identity : JSON.stringify(identity))
  const gate = readGate(path)
  return { folder, gate, mistakes: gate.ok ? [] : gate.failure.replaceAll(`${folder}/`, '').split('\n') }
}

describe('the configuration of a gate', () => {
  test('has its defaults filled in, and its paths from where it lies', async () => {
    const { folder, gate } = await read(config => config)
    if (!gate.ok) throw new Error(gate.failure)
    expect(gate.value.config).toMatchObject({ identity: join(folder, 'identity.json'), data: join(folder, 'data') })
    expect(gate.value.config.lanes[0]).toMatchObject({
      readers: [{ port: { path: join(folder, 'ports/card'), baudRate: 9600 } }, { aimId: false }],
      door: { pulseMs: 700, output: { board: 'board-1', channel: 1 } },
    })
  })

  test('says every mistake at once, each with its place', async () => {
    const { mistakes } = await read(config => ({
      ...config,
      colour: 'red',
      lanes: [{ ...config.lanes[0], direction: 'up', door: { ...config.lanes[0]!.door, channel: 900 } }],
    }))
    expect(mistakes).toHaveLength(3)
    expect(mistakes.join('\n')).toMatch(/gate\.json: lanes\[0\]\.direction: .*\n?/)
    expect(mistakes.join('\n')).toMatch(/lanes\[0\]\.door\.output\.channel/)
    expect(mistakes.join('\n')).toMatch(/colour/)
  })

  test('may leave the lanes to the cloud, which a gate without one cannot, and boards without lanes are a mistake', async () => {
    const led = {
      cloud: { http: 'https://gatehouse.example', mqtt: { host: 'h', port: 8883, password: 'p', ca: 'c' } },
    }
    const { gate } = await read(() => ({}), testSchool().identity(led))
    if (!gate.ok) throw new Error(gate.failure)
    expect(gate.value.config).toMatchObject({ boards: [], lanes: [] })
    expect((await read(() => ({}))).mistakes).toEqual([
      'gate.json: lanes: a gate without a cloud is told its lanes here',
    ])
    const boards = [{ family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }]
    expect((await read(() => ({ boards }))).mistakes).toEqual(['gate.json: lanes: boards without lanes open nothing'])
  })

  test('gives each reader a line of its own', async () => {
    const { mistakes } = await read(config => {
      config.lanes[0]!.readers[1]!.port = { kind: 'serial', path: 'ports/card' } as never
      return config
    })
    expect(mistakes).toEqual([
      'gate.json: lanes[0].readers[1].port: reader qr of lane in is on ports/card, and so is reader card of lane in: each needs a line of its own',
    ])
  })

  test('two lanes may share a relay board, and not a relay', async () => {
    const lanes = (channel: number) => (config: typeof good) => ({
      lanes: [
        config.lanes[0],
        {
          ...config.lanes[0],
          lane: 'out',
          direction: 'out',
          readers: [{ family: 'line', id: 'qr', port: { kind: 'tcp', host: '10.0.0.6', port: 4001 } }],
          door: { ...config.lanes[0]!.door, channel },
        },
      ],
    })
    expect((await read(lanes(2))).gate.ok).toBe(true)
    expect((await read(lanes(1))).mistakes).toEqual([
      'gate.json: lanes[1].door.output: two lanes have the same relay: channel 1 of board-1 also releases lane in',
    ])
  })

  test('tells what is wrong with the identity too, without its secrets', async () => {
    const secret = testSchool().identity().cardSecret
    const broken = await read(config => config, `{"cardSecret":"${secret}" `)
    expect(broken.mistakes.join()).toMatch(/^identity\.json is no JSON/)
    expect(broken.mistakes.join()).not.toContain(secret)
    const zone = await read(config => config, testSchool().identity({ timeZone: 'Europe/Nowhere' }))
    expect(zone.mistakes.join()).toContain('time zone Europe/Nowhere is none')
  })
})
