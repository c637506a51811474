import type { ReactNode } from 'react'
import { failureOf, sayFailure } from '../api/failure.ts'
import { Button } from './button.tsx'

/** Nothing here yet: what this is for, and what begins it. */
export function Empty({
  title,
  children,
  act,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly act?: ReactNode
}) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-12 text-center">
      <p className="text-16 font-strong">{title}</p>
      {children && <p className="text-muted">{children}</p>}
      {act && <div className="mt-2">{act}</div>}
    </div>
  )
}

/** A reading that failed, as a sentence, with the way on. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const failure = failureOf(error)
  const missing = failure.kind === 'problem' && failure.status === 404
  return (
    <div role="alert" className="mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-12 text-center">
      <p className="text-16 font-strong">{missing ? 'Not found' : 'This could not be shown'}</p>
      <p className="text-muted">{sayFailure(failure)}</p>
      {retry && !missing && (
        <Button className="mt-2" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** What went wrong with a form or an act, where the eye is. */
export function Problem({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null
  return (
    <p role="alert" className="rounded-6 bg-refused-on px-3 py-2 text-refused">
      {typeof error === 'string' ? error : sayFailure(failureOf(error))}
    </p>
  )
}

export function Warning({ children }: { readonly children: ReactNode }) {
  return <p className="rounded-6 bg-warning-on px-3 py-2 text-warning">{children}</p>
}

/** Lines of the size of what comes, and a word for those who do not see them. */
export function Waiting({ rows, word = 'Loading' }: { readonly rows: number; readonly word?: string }) {
  return (
    <div role="status" className="wait">
      <span className="sr-only">{word}</span>
      {Array.from({ length: rows }, (_, at) => at).map(at => (
        <div key={at} aria-hidden="true" className="flex h-10 items-center gap-4 border-line border-b px-4">
          <div className="h-3 w-1/4 rounded-6 bg-sunken" />
          <div className="h-3 w-1/6 rounded-6 bg-sunken" />
          <div className="h-3 w-1/3 rounded-6 bg-sunken" />
        </div>
      ))}
    </div>
  )
}
