import { useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { lightTorch } from './camera.ts'
import type { CodeReader } from './code-reader.ts'

/** Ten pictures a second: a code that is held up is read at once, and the phone stays cool. */
const EVERY_MS = 100

/** What the camera sees, and the codes in it. */
export function Viewfinder({
  stream,
  hasTorch,
  reader,
  onCode,
}: {
  readonly stream: MediaStream
  readonly hasTorch: boolean
  readonly reader: CodeReader
  readonly onCode: (text: string) => void
}) {
  const video = useRef<HTMLVideoElement>(null)
  const [lit, setLit] = useState(false)

  useEffect(() => {
    const shown = video.current!
    shown.srcObject = stream
    // Refused only where the page is left at this moment.
    shown.play().catch(() => {})
    return watch(shown, reader, onCode)
  }, [stream, reader, onCode])

  return (
    <div className="relative overflow-hidden rounded-6 border border-line bg-ink">
      <video
        ref={video}
        playsInline
        muted
        aria-label="What the camera sees"
        className="aspect-square w-full object-cover md:aspect-video"
      />
      <div aria-hidden="true" className="pointer-events-none absolute inset-0 flex items-center justify-center">
        <div className="aspect-square h-3/4 rounded-6 border-4 border-paper/80" />
      </div>
      {hasTorch && (
        <Button
          icon="torch"
          aria-pressed={lit}
          className="absolute right-3 bottom-3"
          onClick={() => void lightTorch(stream, !lit).then(() => setLit(!lit))}
        >
          {lit ? 'Light off' : 'Light on'}
        </Button>
      )}
    </div>
  )
}

/** Reads the picture again and again, one at a time. Answers how to stop. */
function watch(video: HTMLVideoElement, reader: CodeReader, onCode: (text: string) => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  let ended = false

  async function once() {
    const text = await look(video, reader)
    if (ended) return
    if (text !== null) onCode(text)
    timer = setTimeout(once, EVERY_MS)
  }
  void once()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

async function look(video: HTMLVideoElement, reader: CodeReader): Promise<string | null> {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null
  // A picture that is gone before it was taken is no picture.
  const picture = await createImageBitmap(video).catch(() => null)
  return picture && reader.read(picture)
}
