import { digiconFrame, digiconLength } from '../../gateway/src/doors/digicon.ts'
import { framesIn, type Measure } from '../../gateway/src/doors/frames.ts'
import {
  gate7eFrame,
  gate7eLength,
  gate7eStatus,
  OPEN_LEFT,
  OPEN_RIGHT,
  QUERY,
} from '../../gateway/src/doors/gate-7e.ts'
import { dcttechState } from '../../gateway/src/doors/hid-relay.ts'
import { kmtronicFrame, kmtronicIsOn, kmtronicStatus } from '../../gateway/src/doors/kmtronic.ts'
import { COIL_ON, readCoils, readInputs, writeCoil, writeRegisters } from '../../gateway/src/doors/modbus.ts'
import { asciiFrame, asciiFraming } from '../../gateway/src/doors/modbus-ascii.ts'
import {
  type ModbusFraming,
  rtuFrame,
  rtuFraming,
  tcpFrame,
  tcpFraming,
} from '../../gateway/src/doors/modbus-framing.ts'
import { numatoAnswer } from '../../gateway/src/doors/numato.ts'
import type { Clock } from '../../gateway/src/ports.ts'
import { boardDevice } from '../../gateway/src/simulators/boards.ts'
import type { BoardDevice } from '../../gateway/src/simulators/device.ts'
import { ascii, concat } from '../../shared/src/bytes.ts'
import { BoardConfig } from '../../shared/src/wire/hardware/board-config.ts'
import type { Accepted, Parser } from './parser.ts'

/** Bytes of an answer that a line looks through. */
const RECEIVED_BYTES_MAX = 256
const PIECE_MS = 20
const GAP_MS_MAX = 80

/** What boards say, each to a question that is asked again once it was answered. */
export function boardParsers(): Parser[] {
  return [
    modbusParser('modbus-flash', 'rtu', readInputs(16)),
    modbusParser('modbus-flash', 'tcp', readInputs(16)),
    modbusParser('modbus-coil', 'rtu', writeCoil(2, COIL_ON)),
    modbusParser('modbus-coil', 'tcp', writeCoil(2, COIL_ON)),
    modbusParser('lc', 'rtu', writeRegisters(3, [4, 7])),
    modbusParser('sainsmart16', 'ascii', readCoils(16)),
    modbusParser('sainsmart16', 'ascii', writeCoil(15, COIL_ON)),
    kmtronicParser(1),
    kmtronicParser(8),
    numatoParser('gpio read 3', /gpio read 3[\r\n]\s*[01]\s*>/, answer => answer === '0' || answer === '1'),
    numatoParser('relay on 0', /relay on 0[\r\n]\s*>/, answer => answer === ''),
    digiconParser(),
    gate7eParser(),
    dcttechParser(),
  ]
}

/** Its far side, and what that has said since it was asked the last time. */
function farSide(settings: Record<string, unknown>): { device: BoardDevice; said(): Uint8Array[] } {
  const sent: Uint8Array[] = []
  const clock: Clock = { wallMs: () => 0, monotonicMs: () => 0, after: () => new Promise(() => {}) }
  const configs = ['tcp', 'hid-tcp'].map(kind =>
    BoardConfig.safeParse({ id: 'board', port: { kind, host: 'x', port: 1 }, ...settings }),
  )
  const config = configs.find(({ success }) => success)!.data!
  const device = boardDevice(config, { send: bytes => void sent.push(Uint8Array.from(bytes)), clock })
  return { device, said: () => sent.splice(0) }
}

/** Finds an answer in all that came since the last one, as a line does that waits for it. */
function answers(find: (received: Uint8Array) => Accepted | null): Parser['make'] {
  return () => {
    let received: Uint8Array = new Uint8Array()
    return chunk => {
      received = concat(received, chunk).slice(-RECEIVED_BYTES_MAX)
      const found = find(received)
      if (found === null) return []
      received = new Uint8Array()
      return [found]
    }
  }
}

/** Finds frames whatever lies between them. */
function measured(measure: Measure, accepted: (frame: Uint8Array) => Accepted): Parser['make'] {
  return () => {
    const frames = framesIn(measure, GAP_MS_MAX)
    let atMs = 0
    return chunk => {
      atMs += PIECE_MS
      return frames(chunk, atMs).map(accepted)
    }
  }
}

const UNIT = 1
const LC_ADDRESS = 255
const SAINSMART_ADDRESS = 0xfe

type Around = { readonly framing: () => ModbusFraming; readonly frame: (pdu: Uint8Array) => Uint8Array }

function around(kind: 'rtu' | 'tcp' | 'ascii', address: number): Around {
  switch (kind) {
    case 'rtu':
      return { framing: () => rtuFraming(address), frame: pdu => rtuFrame(address, pdu) }
    case 'tcp':
      // The first transaction of a line.
      return { framing: () => tcpFraming(address), frame: pdu => tcpFrame(1, address, pdu) }
    case 'ascii':
      return { framing: () => asciiFraming(address), frame: pdu => asciiFrame(address, pdu) }
  }
}

const ADDRESSES = {
  'modbus-flash': UNIT,
  'modbus-coil': UNIT,
  lc: LC_ADDRESS,
  sainsmart16: SAINSMART_ADDRESS,
} as const

/** An answer is proved by its frame, check and all, as it would be written anew. Hexadecimal has two cases. */
function modbusParser(family: keyof typeof ADDRESSES, kind: 'rtu' | 'tcp' | 'ascii', request: Uint8Array): Parser {
  const { framing, frame } = around(kind, ADDRESSES[family])
  const { device, said } = farSide(family.startsWith('modbus') ? { family, framing: kind } : { family })
  for (const channel of [1, 4, 9]) device.contact(channel, true)
  device.receive(framing()(request).bytes)
  const refused = frame(Uint8Array.of(request[0]! | 0x80, 2))
  const plain = (bytes: Uint8Array) => (kind === 'ascii' ? upper(bytes) : Buffer.from(bytes))
  return {
    name: `board ${family} ${kind} function ${request[0]}`,
    frames: [...said(), refused],
    isWhole: false,
    make() {
      const { answer } = framing()(request)
      return answers(received => {
        const found = answer(received)
        if (found === null) return null
        const proof = plain(frame(found))
        return { words: Buffer.from(found).toString('hex'), isProved: stream => plain(stream).includes(proof) }
      })()
    },
  }
}

function upper(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('latin1').toUpperCase(), 'latin1')
}

/** There is no check: each state must have come, byte for byte. */
function kmtronicParser(relays: 1 | 8): Parser {
  const { device, said } = farSide({ family: 'kmtronic', relays })
  for (const on of [true, false]) {
    device.receive(kmtronicFrame(1, on))
    device.receive(kmtronicStatus(relays, 1))
  }
  const isProved = (stream: Buffer, on: boolean) => {
    if (relays === 1) return stream.includes(Buffer.of(0xff, 1, on ? 1 : 0))
    const states = stream.subarray(-relays)
    return states.length === relays && states.every(state => state <= 1) && states[0] === (on ? 1 : 0)
  }
  return {
    name: `board kmtronic ${relays}`,
    frames: said(),
    isWhole: false,
    make: answers(received => {
      const on = kmtronicIsOn(relays, 1, received)
      return on === null ? null : { words: on ? 'on' : 'off', isProved: stream => isProved(stream, on) }
    }),
  }
}

/** Words have no check: between the echo and the prompt stands the answer and nothing else. */
function numatoParser(command: string, proof: RegExp, isAnswer: (answer: string) => boolean): Parser {
  const { device, said } = farSide({ family: 'numato' })
  for (const closed of [true, false]) {
    device.contact(4, closed)
    device.receive(ascii(`${command}\r`))
  }
  return {
    name: `board numato ${command}`,
    frames: said(),
    isWhole: false,
    make: answers(received => {
      const answer = numatoAnswer(command, received)
      if (answer === null || !isAnswer(answer)) return null
      return { words: answer, isProved: stream => proof.test(stream.toString('latin1')) }
    }),
  }
}

/** Done, invalid, and who went through. */
function digiconParser(): Parser {
  const { device, said } = farSide({ family: 'digicon' })
  for (const [command, channel] of [
    [0x48, 1],
    [0x41, 2],
  ] as const) {
    device.receive(digiconFrame(command))
    device.contact(channel, true)
  }
  device.receive(digiconFrame(0x7f))
  return {
    name: 'board digicon',
    frames: said(),
    isWhole: false,
    make: measured(digiconLength, frame => {
      const proof = Buffer.from(digiconFrame(...frame.subarray(3, -1)))
      return { words: Buffer.from(frame).toString('hex'), isProved: stream => stream.includes(proof) }
    }),
  }
}

/** The state of the gate, whose counters say who went through. */
function gate7eParser(): Parser {
  const { device, said } = farSide({ family: 'gate-7e' })
  device.receive(gate7eFrame(UNIT, QUERY))
  for (const [command, channel] of [
    [OPEN_LEFT, 1],
    [OPEN_RIGHT, 2],
  ] as const) {
    device.receive(gate7eFrame(UNIT, command, 1))
    device.contact(channel, true)
  }
  device.receive(gate7eFrame(UNIT, QUERY))
  const isRight = (frame: Uint8Array) =>
    frame.length === 18 &&
    frame[0] === 0x7f &&
    frame[2] === UNIT &&
    frame.reduce((sum, byte) => (sum + byte) & 0xff, 0) === 0xff
  return {
    name: 'board gate-7e',
    frames: said(),
    isWhole: false,
    make: measured(gate7eLength(UNIT), frame => ({
      words: JSON.stringify(gate7eStatus(frame)),
      isProved: stream => isRight(frame) && stream.includes(Buffer.from(frame)),
    })),
  }
}

/** A feature report has no check: serial number and state must stand in it as they were taken. */
function dcttechParser(): Parser {
  const { device } = farSide({ family: 'hid-relay', model: 'dcttech' })
  return {
    name: 'board hid-relay dcttech',
    frames: [0, 1].map(reportId => device.features!.get(reportId)!),
    isWhole: true,
    make: () => report => {
      const state = dcttechState(report)
      if (state === null) return []
      const { serial, relays } = state
      const isProved = (stream: Buffer) => {
        const sent = stream.subarray(-report.length).toString('latin1')
        const isPrinted = /^[!-~]{5}$/.test(serial)
        return isPrinted && [0, 1].some(at => sent.startsWith(serial, at) && sent.charCodeAt(at + 7) === relays)
      }
      return [{ words: JSON.stringify(state), isProved }]
    },
  }
}
