import type { ReaderConfig, ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { id12Device, rdm6300Device } from './card-reader.ts'
import type { FarEnd, MakeReader, ReaderDevice } from './device.ts'
import { lineDevice } from './line-scanner.ts'
import { pcproxDevice } from './pcprox-reader.ts'
import { pn532Device } from './pn532-reader.ts'
import { posDevice } from './pos-scanner.ts'
import { gm65Device } from './qr-engine.ts'
import { keypadDevice } from './serial-keypad.ts'
import { ssiDevice } from './ssi-scanner.ts'
import { twn4Device } from './twn4-reader.ts'
import { typingDevice } from './typing-reader.ts'
import { s4aDevice, twn3Device, wie232Device } from './wiegand-converter.ts'

/** The far side of every family of readers. */
const DEVICES: { readonly [Family in ReaderFamily]: MakeReader<Family> } = {
  line: lineDevice,
  rdm6300: rdm6300Device,
  twn4: twn4Device,
  pn532: pn532Device,
  gm65: gm65Device,
  'zebra-ssi': ssiDevice,
  wie232: wie232Device,
  s4a: s4aDevice,
  twn3: twn3Device,
  keypad: keypadDevice,
  wedge: typingDevice,
  'hid-pos': posDevice,
  pcprox: pcproxDevice,
}

/** A reader as it is configured at the gate; an ID-12 is read as an RDM6300 and sends otherwise. */
export function readerDevice(config: ReaderConfig, far: FarEnd, isId12 = false): ReaderDevice {
  if (isId12) return id12Device(far)
  const make = DEVICES[config.family] as MakeReader<ReaderFamily>
  return make(config, far)
}
