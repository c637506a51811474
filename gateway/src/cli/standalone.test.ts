import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { describe, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { WireConfig } from '../simulators/config.ts'
import type { RelayState } from '../simulators/relay-contacts.ts'
import { runToEnd, startProgram } from '../testing/program.ts'
import { modbusFrame } from '../testing/protocol-vectors.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const token = 'a-token-for-this-test'
type Ready = {
  readonly control: string
  readonly lanes: { readonly readers: { readonly port: object }[]; readonly door: object }[]
}

/** A site without a cloud, from its cards to its door, by the commands that a person types. */
function fromCardsToDoor(wire: (folder: string, name: string) => object): void {
  const rule = 'cards listed, hardware simulated, a card presented: the door opens and the event is a line of JSON'
  // A dozen processes one after the other, on a machine that has others to start.
  test(rule, { timeout: 90_000 }, async () => {
    const folder = await tempFolder()
    writeFileSync(join(folder, 'cards.csv'), 'card,name,until\n01000734E0,"Lovelace, Ada",2099-12-31\n')
    const made = await runToEnd(['list', 'make', 'cards.csv', '--gate', 'north', '--json'], folder)
    expect(made).toMatchObject({ code: 0, err: '' })

    writeFileSync(
      join(folder, 'hardware.json'),
      JSON.stringify({
        gate: 'north',
        control: { token },
        lanes: [
          {
            lane: 'in',
            name: 'In',
            readers: [
              { id: 'card', kind: 'card', family: 'id12', port: wire(folder, 'card') },
              { id: 'qr', kind: 'qr', family: 'line', port: wire(folder, 'qr') },
            ],
            door: { family: 'modbus-flash', channel: 1, port: wire(folder, 'door') },
          },
        ],
      }),
    )
    const hardware = startProgram(['gateway', 'simulate', '--config', join(folder, 'hardware.json')])
    const ready = JSON.parse(await hardware.line('"ready":true')) as Ready
    const lane = { lane: 'in', name: 'In', readers: [] }
    const entry = { gate: 'north', gateId: 'x', gateName: 'North', control: ready.control, token, lanes: [lane] }
    writeFileSync(join(folder, 'simulators.json'), JSON.stringify([entry]))
    const [ports] = ready.lanes
    writeFileSync(
      join(folder, 'north', 'gate.json'),
      JSON.stringify({
        lanes: [
          {
            lane: 'in',
            name: 'In',
            direction: 'in',
            groups: [0],
            readers: [
              { family: 'rdm6300', id: 'card', port: ports!.readers[0]!.port },
              { family: 'line', id: 'qr', port: ports!.readers[1]!.port },
            ],
            door: { family: 'modbus-flash', channel: 1, pulseMs: 700, port: ports!.door },
          },
        ],
      }),
    )

    const gate = startProgram(['gateway', 'run', '--config', join(folder, 'north', 'gate.json'), '--standalone'])
    await gate.line('"kind":"boot"')
    const present = (...args: string[]) => runToEnd(['present', '--gate', 'north', ...args, '--data', folder])
    // The first goes out before the reader is open, as a card may be held there while the gate starts.
    await expect
      .poll(
        async () => {
          const sent = await present('--card', '01000734E0')
          expect(sent).toMatchObject({ code: 0, out: 'Sent 16 bytes from reader card of lane in at gate north.\n' })
          return gate.out()
        },
        { timeout: 45_000 },
      )
      .toContain('"kind":"granted"')
    const granted = ChainedEvent.parse(JSON.parse(await gate.line('"kind":"granted"')))
    const passes = readFileSync(join(folder, 'north', 'passes.csv'), 'utf8')
    expect(passes).toContain(`${granted.record.passId},"Lovelace, Ada"`)

    const answer = await fetch(`${ready.control}/state`, { headers: { authorization: `Bearer ${token}` } })
    const [door] = (await answer.json()) as RelayState[]
    expect(door!.frames).toContain(modbusFrame('flash-on ch1 700ms'))
    expect(door!.pulses).toBeGreaterThan(0)

    expect((await present('--qr', 'hello')).code).toBe(0)
    await gate.line('"refusal":"malformed"')
    expect(await present('--lane', 'side', '--qr', 'hello')).toMatchObject({
      code: 1,
      err: 'Gate north has no lane side. Its lanes: in.\n',
    })

    const second = await runToEnd(['gateway', 'run', '--config', join(folder, 'north', 'gate.json'), '--standalone'])
    expect(second.code).toBe(1)
    expect(second.err).toContain('another gateway runs on')

    for (const { child, ended } of [gate, hardware]) {
      child.disconnect()
      expect((await ended).code).toBe(0)
    }
  })
}

needs('script')('a site without a cloud, over ptys', () =>
  fromCardsToDoor((folder, name): WireConfig => ({ kind: 'pty', link: join(folder, 'ports', name), baudRate: 9600 })),
)
describe('a site without a cloud, over TCP', () => fromCardsToDoor((): WireConfig => ({ kind: 'tcp', port: 0 })))

describe('list make', () => {
  test('names every bad line and writes nothing', async () => {
    const folder = await tempFolder()
    writeFileSync(
      join(folder, 'cards.csv'),
      [
        'card,technology,name,from,until',
        '01000734E0,,Ada,,',
        'xyz,,Bob,,',
        '01000734e0,,Ada again,,',
        '04A1B2C3,iso14443a,Eve,2026-09-01,2026-08-31',
        '04A1B2C3,magic,Eve,,',
        '04A1B2C4,iso14443a,Eve,1.9.2026,',
      ].join('\n'),
    )
    const { code, err } = await runToEnd(['list', 'make', 'cards.csv', '--gate', 'north'], folder)
    expect(code).toBe(1)
    expect(err.split('\n').slice(1, -1)).toEqual([
      'line 3: the card must be 5 bytes in hexadecimal',
      'line 4: the same card as in line 2',
      'line 5: until is before from',
      expect.stringMatching(/^line 6: magic is no technology/),
      'line 7: from must be a date such as 2026-09-01',
    ])
    expect(existsSync(join(folder, 'north'))).toBe(false)
  })

  test('a second list has the same keys and the next version', async () => {
    const folder = await tempFolder()
    writeFileSync(join(folder, 'cards.csv'), '\ufeffcard\r\n01000734E0\r\n')
    const make = async () =>
      JSON.parse((await runToEnd(['list', 'make', 'cards.csv', '--gate', 'north', '--json'], folder)).out)
    const first = await make()
    const identity = readFileSync(join(folder, 'north', 'identity.json'), 'utf8')
    const passes = readFileSync(join(folder, 'north', 'passes.csv'), 'utf8')
    expect([first.version, (await make()).version]).toEqual([1, 2])
    expect(readFileSync(join(folder, 'north', 'identity.json'), 'utf8')).toBe(identity)
    expect(readFileSync(join(folder, 'north', 'passes.csv'), 'utf8')).toBe(passes)
  })
})

describe('the command line', () => {
  test.each([
    [['gateway', 'run'], "required option '--config <file>' not specified"],
    [['present', '--gate', 'north'], 'give --card, --qr or --pin'],
    [['present', '--gate', 'north', '--card', '01', '--qr', '1'], 'cannot be used with'],
    [['gateway', 'fly'], "unknown command 'fly'"],
  ])('%j is a wrong usage: 2', async (args, words) => {
    const { code, err } = await runToEnd(args)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })

  test.each([
    ['gateway', 'run'],
    ['gateway', 'enrol'],
    ['gateway', 'check'],
    ['gateway', 'simulate'],
    ['present'],
    ['list', 'make'],
  ])('%s %s shows examples', async (...words) => {
    const { code, out } = await runToEnd([...words.filter(Boolean), '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Examples:')
  })
})
