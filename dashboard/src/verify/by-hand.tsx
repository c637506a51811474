import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import type { CodeReader } from './code-reader.ts'

/** The ways to a code without a camera: a handheld scanner, which types, or a picture. */
export function ByHand({
  reader,
  onCode,
}: {
  readonly reader: CodeReader | null
  readonly onCode: (text: string) => void
}) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string | null>(null)

  function submit(event: FormEvent) {
    event.preventDefault()
    onCode(typed)
    setTyped('')
  }
  async function readPicture(file: File) {
    const picture = await createImageBitmap(file).catch(() => null)
    const text = picture && reader ? await reader.read(picture) : null
    setProblem(text === null ? 'There is no code in that picture. Take one from nearer, with more light.' : null)
    if (text !== null) onCode(text)
  }

  return (
    <section aria-label="Without a camera" className="panel flex flex-col gap-3 p-4">
      <form onSubmit={submit} className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <Field
            label="Digits of a code"
            inputMode="numeric"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
        </div>
        <Button type="submit" disabled={typed.trim() === ''}>
          Check
        </Button>
      </form>
      <p className="text-13 text-muted">A handheld scanner types here and presses Enter by itself.</p>
      <label className="flex flex-wrap items-center gap-3">
        <span className="text-13 font-medium">Picture of a code</span>
        <input
          type="file"
          accept="image/*"
          className="min-w-0 flex-1 text-13 file:mr-3 file:h-8 file:cursor-pointer file:rounded-6 file:border file:border-edge file:bg-surface file:px-3 file:text-14 hover:file:bg-sunken pointer-coarse:file:h-11"
          onChange={event => {
            const [file] = event.target.files ?? []
            if (file) void readPicture(file)
            event.target.value = ''
          }}
        />
      </label>
      <Problem error={problem} />
    </section>
  )
}
