import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

prepareZXingModule({
  overrides: {
    wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
      .buffer as ArrayBuffer,
  },
})

/** The QR code in a picture, as a scanner reads it; null where there is none. */
export async function readCode(png: Uint8Array): Promise<string | null> {
  const found = await readBarcodes(new Blob([new Uint8Array(png)]), { formats: ['QRCode'] })
  return found[0]?.text ?? null
}

/** What a camera in front of this screen reads. */
export async function readScreen(page: Page): Promise<string | null> {
  return readCode(await page.screenshot())
}
