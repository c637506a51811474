import type { ReaderConfig, ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { id12Device, rdm6300Device } from './card-reader.ts'
import type { FarEnd, MakeReader, ReaderDevice } from './device.ts'
import { lineDevice } from './line-scanner.ts'

/** The far side of every family of readers. */
const DEVICES: { readonly [Family in ReaderFamily]?: MakeReader<Family> } = {
  line: lineDevice,
  rdm6300: rdm6300Device,
}

/** A reader as it is configured at the gate; an ID-12 is read as an RDM6300 and sends otherwise. */
export function readerDevice(config: ReaderConfig, far: FarEnd, isId12 = false): ReaderDevice {
  if (isId12) return id12Device(far)
  const make = DEVICES[config.family] as MakeReader<ReaderFamily>
  return make(config, far)
}
