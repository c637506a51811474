import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

prepareZXingModule({
  overrides: {
    wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
      .buffer as ArrayBuffer,
  },
})

/** The QR code in a picture as a scanner reads it, and the level of its error correction; null where there is none. */
export async function readCode(png: Uint8Array): Promise<{ text: string; ecLevel: string } | null> {
  const [found] = await readBarcodes(new Blob([new Uint8Array(png)]), { formats: ['QRCode'] })
  return found === undefined ? null : { text: found.text, ecLevel: found.ecLevel }
}
