import { type FileCategory, StoredFile, TAKES } from '@gatehouse/shared/wire/api/files.ts'
import { useId, useState } from 'react'
import { z } from 'zod'
import { useBrowserSession } from '../api/session-context.ts'
import { Problem } from '../ui/notice.tsx'

const Answered = z.object({ data: z.object({ id: StoredFile.shape.id, name: z.string() }) })
const Refused = z.object({ error: z.object({ message: z.string() }) })

/** Chooses a file and hands it in at once; says how far it is, and what went wrong. */
export function UploadField({
  label,
  hint,
  category,
  disabled,
  onHandedIn,
}: {
  readonly label: string
  readonly hint: string | null
  readonly category: FileCategory
  readonly disabled: boolean
  readonly onHandedIn: (file: { readonly id: string; readonly name: string }) => void
}) {
  const id = useId()
  const { session } = useBrowserSession()
  const [percent, setPercent] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  async function upload(file: File) {
    setProblem(null)
    const { bytesMax } = TAKES[category]
    if (file.size > bytesMax)
      return setProblem(`The file has more than ${bytesMax / 1024 / 1024} MB. Choose a smaller one.`)
    const token = await session.token()
    if (token === null) return setProblem('The service cannot be reached. Try again in a moment.')
    setPercent(0)
    const sent = await send(file, category, token, setPercent)
    setPercent(null)
    const answered = Answered.safeParse(sent)
    if (answered.success) return onHandedIn(answered.data.data)
    const refused = Refused.safeParse(sent)
    setProblem(refused.success ? refused.data.error.message : 'The file did not arrive. Try again.')
  }

  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="break-words text-13 font-medium">
        {label}
      </label>
      <input
        id={id}
        type="file"
        accept={TAKES[category].types.join(',')}
        disabled={disabled || percent !== null}
        aria-describedby={hint === null ? undefined : `${id}-hint`}
        className="control h-auto w-full py-1.5"
        onChange={event => {
          const [file] = event.target.files ?? []
          if (file) void upload(file)
        }}
      />
      {hint !== null && (
        <p id={`${id}-hint`} className="text-13 text-muted">
          {hint}
        </p>
      )}
      {percent !== null && (
        <progress aria-label={`${label}: being sent`} max={100} value={percent} className="w-full" />
      )}
      <Problem error={problem} />
    </div>
  )
}

/** `fetch` does not say how much of a body has left. Answers what came back as JSON; null: nothing did. */
function send(
  file: File,
  category: FileCategory,
  token: string,
  onPercent: (percent: number) => void,
): Promise<unknown> {
  const body = new FormData()
  body.append('file', file)
  return new Promise(resolve => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api/v1/files?category=${category}`)
    request.setRequestHeader('authorization', `Bearer ${token}`)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => onPercent(Math.round((loaded / total) * 100))
    request.onload = () => resolve(request.response)
    request.onerror = () => resolve(null)
    request.send(body)
  })
}
