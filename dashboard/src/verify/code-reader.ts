import type { CodeAnswer, CodeQuestion } from './code-worker.ts'

/** Reads codes in pictures, beside the page. */
export type CodeReader = Disposable & {
  /** The text of a code in the picture, which is used up; null where there is none, or after the end. */
  read(picture: ImageBitmap): Promise<string | null>
}

/** Starts the reader; the first picture waits until it was fetched, about 1 MB. */
export function openCodeReader(): CodeReader {
  const worker = new Worker(new URL('./code-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, (text: string | null) => void>()
  let asked = 0

  worker.addEventListener('message', ({ data: { number, text } }: MessageEvent<CodeAnswer>) => {
    waiting.get(number)?.(text)
    waiting.delete(number)
  })
  const end = () => {
    worker.terminate()
    for (const answer of waiting.values()) answer(null)
    waiting.clear()
  }
  worker.addEventListener('error', end)

  return {
    read(picture) {
      const number = ++asked
      return new Promise(answer => {
        waiting.set(number, answer)
        worker.postMessage({ number, picture } satisfies CodeQuestion, [picture])
      })
    },
    [Symbol.dispose]: end,
  }
}
