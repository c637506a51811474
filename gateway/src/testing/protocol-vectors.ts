import { readFileSync } from 'node:fs'

const file = new URL('../../../shared/vectors/protocols.json', import.meta.url)

type NamedFrame = { readonly name: string; readonly frame: string }

/** Golden frames, in hexadecimal. */
export const protocolVectors = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly rdm6300: readonly { readonly frame: string; readonly data: string }[]
  readonly pn532: readonly { readonly name: string; readonly frame: string }[]
  readonly twn4: readonly { readonly name: string; readonly req: string; readonly res: string }[]
  readonly twn3wiegandAscii: { readonly line: string }
  readonly gm65: readonly { readonly name: string; readonly frame: string }[]
  readonly zebraSSI: readonly string[]
  readonly lcus: Readonly<Record<string, string>>
  readonly dcttech: Readonly<Record<string, string>>
  readonly modbusRtu: readonly NamedFrame[]
  readonly modbusTcp: Readonly<Record<string, string>>
  readonly kmtronic: Readonly<Record<string, string>>
  /** Of these the frames are text. */
  readonly sainsmart16: Readonly<Record<string, string>>
  readonly tx1500: readonly string[]
  readonly machpower: { readonly ok: readonly string[]; readonly docErrors: readonly (readonly [string, string])[] }
  readonly gate7e: readonly NamedFrame[]
}

export function modbusFrame(name: string): string {
  const vector = protocolVectors.modbusRtu.find(vector => vector.name === name)
  if (!vector) throw new Error(`no golden frame is called ${name}`)
  return vector.frame.toLowerCase()
}
