import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasmFile from 'zxing-wasm/reader/zxing_reader.wasm?url'

/** A picture to read, and the number under which the answer comes back. */
export type CodeQuestion = { readonly number: number; readonly picture: ImageBitmap }
/** Null: there is no code in it. */
export type CodeAnswer = { readonly number: number; readonly text: string | null }

/**
 * Reads codes beside the page, so that the camera's picture stays smooth. It is also the one place where WebAssembly may run: the
 * service allows it to this file and not to the pages.
 */
prepareZXingModule({ overrides: { locateFile: () => wasmFile }, fireImmediately: true }).catch(() => {})

addEventListener('message', async ({ data: { number, picture } }: MessageEvent<CodeQuestion>) => {
  const text = await read(picture).catch(() => null)
  postMessage({ number, text } satisfies CodeAnswer)
})

async function read(picture: ImageBitmap): Promise<string | null> {
  const { width, height } = picture
  const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  canvas.drawImage(picture, 0, 0)
  picture.close()
  const found = await readBarcodes(canvas.getImageData(0, 0, width, height), {
    formats: ['QRCode'],
    maxNumberOfSymbols: 1,
  })
  return found[0]?.text ?? null
}
