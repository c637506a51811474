import type { z } from 'zod'

/** Where no line is opened, one must still be named; a pin of a GPIO chip hangs on none. */
const NO_LINE = [
  { port: { kind: 'tcp', host: '127.0.0.1', port: 1 } },
  { port: { kind: 'hid-tcp', host: '127.0.0.1', port: 1 } },
  {},
] as const

/** A reader's or a board's settings, on no line yet. What is wrong with them is told as of a device on a line of bytes. */
export function readWithoutLine<Config>(schema: z.ZodType<Config>, settings: object): z.ZodSafeParseResult<Config> {
  const [asBytes, ...others] = NO_LINE.map(line => schema.safeParse({ ...settings, ...line }))
  return [asBytes!, ...others].find(one => one.success) ?? asBytes!
}
