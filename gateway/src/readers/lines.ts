import { ReadlineParser } from '@serialport/parser-readline'
import { limitLines } from './limiter.ts'

/**
 * The lines of a byte stream, without their ends.
 *
 * `@serialport/parser-readline` stands behind our limiter: alone it is quadratic on a line without an end (8 MiB took
 * 14 s), and gives out half a line at a hang-up. One byte is one character, so that nothing is lost of what was sent.
 */
export async function* lines(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const parser = new ReadlineParser({ delimiter: '\n', encoding: 'latin1', readableObjectMode: true })
  for await (const line of limitLines(bytes, maxBytes)) {
    parser.write(line)
    for (let text = parser.read(); text !== null; text = parser.read()) yield String(text)
  }
}
