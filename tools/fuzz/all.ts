import { doorControllerParser } from './door-controller.ts'
import type { Parser } from './parser.ts'
import { readerParsers } from './readers.ts'

/** Everything that reads bytes from outside. */
export function allParsers(): Parser[] {
  return [...readerParsers(), doorControllerParser()]
}
