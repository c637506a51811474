import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { readWithoutLine } from '@gatehouse/shared/wire/hardware/without-line.ts'
import type { Clock, OpenPort, Reader } from '../ports.ts'
import { decodedReader } from '../readers/decoded-reader.ts'
import { familyOf } from '../readers/families.ts'

/** A reader as a gate would fit it, over a line of the test's own. */
export function readerOf(
  settings: { readonly family: string; readonly id?: string } & Record<string, unknown>,
  { open, clock, dropped = () => {} }: { open: OpenPort; clock: Clock; dropped?: (why: string) => void },
): Reader {
  const read = readWithoutLine(ReaderConfig, { id: settings.family, ...settings })
  if (!read.success) throw read.error
  const config = read.data
  const { decoder, quietMs, others } = familyOf(config)
  return decodedReader({ id: config.id, open, decoder, quietMs, others, clock, dropped })
}
