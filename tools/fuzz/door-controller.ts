import { readFileSync } from 'node:fs'
import { frameSplitter } from '../../firmware-protocol/src/frame.ts'
import { decodeMessage, encodeMessage } from '../../firmware-protocol/src/message.ts'
import type { Parser } from './parser.ts'

const file = new URL('../../shared/vectors/door-protocol.json', import.meta.url)
const { frames } = JSON.parse(readFileSync(file, 'utf8')) as { frames: { frame: string }[] }

/**
 * What a door controller and its gate say to each other. There is one way to write a message: one that was accepted must
 * have come to the byte, stuffing and CRC and all.
 */
export function doorControllerParser(): Parser {
  return {
    name: 'door controller',
    frames: frames.map(({ frame }) => Buffer.from(frame, 'hex')),
    isWhole: false,
    make() {
      const split = frameSplitter()
      return chunk =>
        split(chunk).flatMap(one => {
          const received = one.ok ? decodeMessage(one.value) : one
          if (!received.ok) return []
          const { message, ...numbers } = received.value
          const written = Buffer.from(encodeMessage(message, numbers).subarray(1))
          return [{ words: JSON.stringify(message), isProved: (stream: Buffer) => stream.includes(written) }]
        })
    },
  }
}
