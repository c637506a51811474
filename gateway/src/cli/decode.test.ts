import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { runToEnd } from '../testing/program.ts'
import { modbusFrame, protocolVectors } from '../testing/protocol-vectors.ts'

// Each begins a process, on a machine that has others to start.
vi.setConfig({ testTimeout: 90_000 })

const file = new URL('../../../shared/vectors/door-protocol.json', import.meta.url)
const door = (JSON.parse(readFileSync(file, 'utf8')) as { frames: { name: string; frame: string }[] }).frames
const frameOf = (name: string) => door.find(frame => frame.name === name)!.frame
const { frame } = protocolVectors.rdm6300[0]!
const gateway = (...args: string[]) => runToEnd(['gateway', ...args])

describe('gateway decode', () => {
  test('tells the card of a published frame, also when it came in two chunks', async () => {
    const ended = await gateway('decode', 'id12', frame.slice(0, 10), frame.slice(10), '--json')
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(ended.out)).toEqual({
      family: 'rdm6300',
      scans: [{ kind: 'card', card: { technology: 'em4100', bitCount: 40, bits: '01000734e0' } }],
      dropped: [],
      answers: [],
      heard: [],
    })
  })

  test('tells why a frame is dropped, in words', async () => {
    const wrong = frame.replace(/3203$/, '3303')
    expect(await gateway('decode', 'rdm6300', wrong, frame)).toEqual({
      code: 0,
      err: '',
      out: 'card em4100, 40 bits: 01000734e0\ndropped: checksum\n',
    })
  })

  test('takes settings of the family', async () => {
    const code = Buffer.from(']Q1157\r\n').toString('hex')
    const ended = await gateway('decode', 'line', code, '--set', 'aimId=true', '--json')
    expect(JSON.parse(ended.out)).toMatchObject({ scans: [{ kind: 'code', text: '157' }] })
  })

  test('reads what a door controller says', async () => {
    const broken = `${frameOf('alive').slice(0, -6)}111100`
    const ended = await gateway('decode', 'controller', frameOf('input'), broken, '--json')
    expect(JSON.parse(ended.out)).toMatchObject({ heard: [{ name: 'input', evt_seq: 9, closed: 1 }], dropped: ['crc'] })
  })

  test.each([
    [['decode', 'rdm6300', '023'], '023 is not hexadecimal'],
    [['decode', 'nothing', '02'], 'There is no family nothing. There is: line, rdm6300'],
    [['decode', 'line', '02', '--set', 'aimId=perhaps'], 'line has other settings'],
    [['decode', 'line', '02', '--set', 'aimId'], '--set takes name=value'],
  ])('%j is refused in a sentence', async (args, sentence) => {
    const ended = await gateway(...args)
    expect(ended.code).toBe(1)
    expect(ended.err).toContain(sentence)
    expect(ended.err).not.toContain('    at ')
  })

  test('has examples', async () => {
    expect((await gateway('decode', '--help')).out).toContain('gatehouse gateway decode rdm6300 0230')
  })
})

describe('gateway encode', () => {
  test('tells the bytes of the manual', async () => {
    const on = await gateway('encode', 'lcus', 'on', '--channel', '2')
    expect(on).toEqual({ code: 0, err: '', out: `${protocolVectors.lcus.on2!.toLowerCase()}\n` })
    const pulse = await gateway('encode', 'modbus-flash', 'pulse', '--ms', '700', '--json')
    expect(JSON.parse(pulse.out)).toEqual({
      family: 'modbus-flash',
      action: 'pulse',
      channel: 1,
      result: 'ok',
      sent: [modbusFrame('flash-on ch1 700ms')],
    })
  })

  test('a pulse of a relay without a timer is on and off', async () => {
    const { out } = await gateway('encode', 'lcus', 'pulse')
    expect(out.replaceAll('\n', '')).toBe(`${protocolVectors.lcus.on1}${protocolVectors.lcus.off1}`.toLowerCase())
  })

  test('a door controller is greeted, configured and then told', async () => {
    const { out } = await gateway('encode', 'controller', 'pulse', '--json')
    const { sent, result } = JSON.parse(out) as { sent: string[]; result: string }
    expect(result).toBe('ok')
    const read = await gateway('decode', 'controller', ...sent, '--json')
    const names = (JSON.parse(read.out) as { heard: { name: string }[] }).heard.map(({ name }) => name)
    expect(names.filter(name => name !== 'heartbeat')).toEqual(['greet', 'configure', 'pulse'])
  })

  test.each([
    [['encode', 'rdm6300', 'on'], 1, 'rdm6300 is a reader'],
    [['encode', 'gpio', 'on'], 1, 'gpio has no line of bytes'],
    [['encode', 'lcus', 'jump'], 2, 'Allowed choices are on, off, pulse'],
    [['encode', 'lcus', 'on', '--channel', 'x'], 1, '--channel takes a number'],
  ])('%j is refused in a sentence', async (args, code, sentence) => {
    const ended = await gateway(...args)
    expect(ended.code).toBe(code)
    expect(ended.err).toContain(sentence)
  })
})
