import { ReadlineParser } from '@serialport/parser-readline'
import { lineLimiter } from './limiter.ts'

/**
 * The lines that each chunk of bytes completes, without their ends.
 *
 * `@serialport/parser-readline` stands behind our limiter: alone it is quadratic on a line without an end (8 MiB took
 * 14 s), and gives out half a line at a hang-up. One byte is one character, so that nothing is lost of what was sent.
 */
export function lineSplitter(maxBytes: number): (chunk: Uint8Array) => string[] {
  const limit = lineLimiter(maxBytes)
  const parser = new ReadlineParser({ delimiter: '\n', encoding: 'latin1', readableObjectMode: true })
  return chunk => {
    const lines: string[] = []
    for (const line of limit(chunk)) {
      parser.write(line)
      for (let text = parser.read(); text !== null; text = parser.read()) lines.push(String(text))
    }
    return lines
  }
}
