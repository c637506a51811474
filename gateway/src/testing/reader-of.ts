import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import type { Clock, OpenPort, Reader } from '../ports.ts'
import { decodedReader } from '../readers/decoded-reader.ts'
import { familyOf } from '../readers/families.ts'

/** A reader as a gate would fit it, over a line of the test's own. */
export function readerOf(
  settings: { readonly family: string; readonly id?: string } & Record<string, unknown>,
  { open, clock, dropped = () => {} }: { open: OpenPort; clock: Clock; dropped?: (why: string) => void },
): Reader {
  const bytes = ReaderConfig.safeParse({ id: settings.family, port: { kind: 'tcp', host: 'x', port: 1 }, ...settings })
  const config = bytes.success
    ? bytes.data
    : ReaderConfig.parse({ id: settings.family, port: { kind: 'hid-tcp', host: 'x', port: 1 }, ...settings })
  const { decoder, quietMs, others } = familyOf(config)
  return decodedReader({ id: config.id, open, decoder, quietMs, others, clock, dropped })
}
