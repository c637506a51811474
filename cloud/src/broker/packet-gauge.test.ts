import { expect, test } from 'vitest'
import { packetGauge } from './packet-gauge.ts'

const LIMITS = { connectBytesMax: 16_384, packetBytesMax: 262_144 }

const CONNECT = 0x10
const PUBLISH = 0x30

/** A packet of `type` whose remaining length is `length`. */
function packet(type: number, length: number): Buffer {
  const header = [type]
  let rest = length
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length)])
}

function accepted() {
  const gauge = packetGauge(LIMITS)
  gauge.take(packet(CONNECT, 20))
  gauge.accept()
  return gauge
}

test('a CONNECT passes whole, in one piece or byte by byte', () => {
  const bytes = packet(CONNECT, 300)
  expect(packetGauge(LIMITS).take(bytes)).toEqual({ pass: bytes.length })
  const gauge = packetGauge(LIMITS)
  for (const byte of bytes) expect(gauge.take(Buffer.from([byte]))).toEqual({ pass: 1 })
})

test('what comes behind a CONNECT waits until it is accepted', () => {
  const gauge = packetGauge(LIMITS)
  const connect = packet(CONNECT, 20)
  const both = Buffer.concat([connect, packet(PUBLISH, 50)])
  expect(gauge.take(both)).toEqual({ pass: connect.length })
  expect(gauge.take(both.subarray(connect.length))).toEqual({ pass: 0 })
  gauge.accept()
  expect(gauge.take(both.subarray(connect.length))).toEqual({ pass: 52 })
})

for (const type of [0x00, 0x30, 0x80, 0xc0, 0xe0, 0x47 /* GET */]) {
  test(`a first byte of 0x${type.toString(16)} is not a CONNECT`, () =>
    expect(packetGauge(LIMITS).take(packet(type, 10))).toEqual({ refuse: 'not_mqtt' }))
}

test('a CONNECT at the limit passes and one byte more does not', () => {
  expect(packetGauge(LIMITS).take(packet(CONNECT, 16_384 - 3))).toEqual({ pass: 16_384 })
  expect(packetGauge(LIMITS).take(packet(CONNECT, 16_384 - 2))).toEqual({ refuse: 'too_large' })
})

test('a promise of 200 MB is refused at its header, not at its end', () => {
  const header = packet(CONNECT, 200_000_000).subarray(0, 5)
  expect(packetGauge(LIMITS).take(header)).toEqual({ refuse: 'too_large' })
  expect(accepted().take(Buffer.from([PUBLISH, ...header.subarray(1)]))).toEqual({ refuse: 'too_large' })
})

test('a packet at the limit passes and one byte more does not', () => {
  expect(accepted().take(packet(PUBLISH, 262_144 - 4))).toEqual({ pass: 262_144 })
  expect(accepted().take(packet(PUBLISH, 262_144 - 3))).toEqual({ refuse: 'too_large' })
})

test('a length of five bytes is no length', () =>
  expect(accepted().take(Buffer.from([PUBLISH, 0xff, 0xff, 0xff, 0xff, 0x7f]))).toEqual({ refuse: 'not_mqtt' }))

test('packets are told apart wherever the chunks are cut', () => {
  const stream = Buffer.concat([packet(PUBLISH, 0), packet(PUBLISH, 127), packet(PUBLISH, 128), packet(0xc0, 0)])
  for (let cut = 0; cut <= stream.length; cut++) {
    const gauge = accepted()
    gauge.take(stream.subarray(0, cut))
    expect(gauge.take(stream.subarray(cut))).toEqual({ pass: stream.length - cut })
    // The next byte is a header again: a length that is too large is seen.
    expect(gauge.take(packet(PUBLISH, 300_000).subarray(0, 4))).toEqual({ refuse: 'too_large' })
  }
})
