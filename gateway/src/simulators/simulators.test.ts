import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../devices/system-clock.ts'
import { openTcpPort } from '../devices/tcp-port.ts'
import { handClock } from '../testing/hand-clock.ts'
import { modbusFrame, protocolVectors } from '../testing/protocol-vectors.ts'
import { cardFrame, tagsInTurn } from './card-reader.ts'
import { SimulatorConfig } from './config.ts'
import { controlOf } from './control.ts'
import { gateHardware } from './gate-hardware.ts'
import { lcusDevice } from './lcus-board.ts'
import { modbusDevice } from './modbus-board.ts'

const tcp = { kind: 'tcp', port: 0 } as const
const token = 'a-token-for-this-test'
const config = SimulatorConfig.parse({
  gate: 'north',
  control: { token },
  lanes: ['in', 'out'].map(lane => ({
    lane,
    name: lane,
    readers: [
      { id: 'card', kind: 'card', family: 'rdm6300', port: tcp },
      ...(lane === 'in' ? [{ id: 'qr', kind: 'qr', family: 'line', port: tcp }] : []),
    ],
    door: { family: 'lcus', channel: 1, port: tcp },
  })),
})

async function up() {
  const hardware = await gateHardware(config, systemClock)
  const control = await controlOf({ hardware, port: 0, token })
  onTestFinished(async () => {
    await control.close()
    await hardware.close()
  })
  const ask = async (path: string, body?: unknown, bearer = token) => {
    const answer = await fetch(control.url + path, {
      headers: { authorization: `Bearer ${bearer}` },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return { hardware, ask }
}

describe('a simulated card reader', () => {
  for (const { frame, data } of protocolVectors.rdm6300) {
    test(`sends the published frame of ${data}`, () => {
      const sent = cardFrame('rdm6300', data)
      expect(sent.ok && toHex(sent.value)).toBe(frame.toLowerCase())
    })
  }
})

describe('a simulated relay', () => {
  test('LCUS: goes on and off as told, and ignores a wrong sum and another channel', () => {
    const board = lcusDevice()
    board.receive(fromHex(`00a00101a3${protocolVectors.lcus.on2}`)!)
    expect(board.state(1)).toMatchObject({ energised: false, pulses: 0 })
    board.receive(fromHex(protocolVectors.lcus.on1!)!.subarray(0, 2))
    board.receive(fromHex(protocolVectors.lcus.on1!)!.subarray(2))
    expect(board.state(1)).toMatchObject({ energised: true, pulses: 1 })
    board.receive(fromHex(protocolVectors.lcus.off1!)!)
    expect(board.state(1)).toMatchObject({ energised: false, pulses: 1 })
  })

  test('Modbus: echoes, ends the pulse by itself, and says nothing to a wrong CRC', async () => {
    const clock = handClock()
    const sent: string[] = []
    const board = modbusDevice({ address: 1, framing: 'rtu' }, { clock, send: bytes => sent.push(toHex(bytes)) })
    const flash = modbusFrame('flash-on ch1 700ms')
    board.receive(fromHex(`${flash.slice(0, -2)}00`)!)
    expect(sent).toEqual([])
    board.receive(fromHex(flash)!)
    expect(sent).toEqual([flash])
    expect(board.state(1)).toMatchObject({ energised: true, pulses: 1, frames: [flash] })
    clock.advance(700)
    await new Promise(resolve => setImmediate(resolve))
    expect(board.state(1)).toMatchObject({ energised: false, pulses: 1 })
  })
})

describe('the control of simulated hardware', () => {
  test('a presented code comes down the line of the reader, as a scanner types it', async () => {
    const { hardware, ask } = await up()
    const { port } = hardware.lanes[0]!.readers[1]!
    if (port.kind !== 'tcp') throw new Error('asked for tcp')
    await using line = await openTcpPort(port, new AbortController().signal)
    // The connection is made before it is accepted; what is presented in between is lost, as in life.
    const heard: string[] = []
    const reading = (async () => {
      for await (const bytes of line.incoming) heard.push(Buffer.from(bytes).toString())
    })()
    await expect
      .poll(async () => {
        await ask('/present', { qr: '1575' })
        return heard.join('')
      })
      .toMatch(/^(1575\r\n)+$/)
    await line[Symbol.asyncDispose]()
    await reading
  })

  test('answers what was sent and where', async () => {
    const { ask } = await up()
    expect(await ask('/present', { lane: 'out', card: '01000734E0' })).toEqual({
      status: 202,
      body: { gate: 'north', lane: 'out', reader: 'card', bytes: 14 },
    })
    expect(await ask('/state')).toEqual({
      status: 200,
      body: [
        { lane: 'in', energised: false, pulses: 0, frames: [] },
        { lane: 'out', energised: false, pulses: 0, frames: [] },
      ],
    })
  })

  test.each([
    [{ card: '01000734E0' }, 'Gate north has more than one lane with a card reader: name one of in, out.'],
    [{ lane: 'side', card: '01000734E0' }, 'Gate north has no lane side. Its lanes: in, out.'],
    [{ lane: 'out', qr: '1' }, 'Lane out of gate north has no qr reader.'],
    [{ lane: 'in', card: '0100073' }, 'A card is five bytes in hexadecimal, such as 01000734E0.'],
    [{ lane: 'in', qr: 'a\r\nb' }, 'A QR code is 1 to 512 printable ASCII characters.'],
  ])('refuses %j in a sentence', async (body, message) => {
    const { ask } = await up()
    expect(await ask('/present', body)).toEqual({ status: 400, body: { message } })
  })

  test('nobody presents without the token', async () => {
    const { ask } = await up()
    expect((await ask('/present', { lane: 'in', card: '01000734E0' }, 'wrong')).status).toBe(401)
    expect((await ask('/state', undefined, '')).status).toBe(401)
  })
})

test('two cards at once are held to the reader one after the other', async () => {
  const clock = handClock()
  const sent: number[] = []
  const hold = tagsInTurn(bytes => void sent.push(bytes[0]!), clock)
  hold(Uint8Array.of(1))
  hold(Uint8Array.of(2))
  for (let step = 0; step < 5; step++) {
    await clock.waiting()
    clock.advance(65)
  }
  await clock.waiting()
  expect(sent).toEqual([1, 1, 1, 2, 2, 2])
})
