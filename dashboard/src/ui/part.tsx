import { type ReactNode, useId } from 'react'

/** A part of a long form: what it decides, and its fields. */
export function Part({
  title,
  about,
  problem,
  children,
}: {
  readonly title: string
  readonly about: ReactNode
  readonly problem?: string | undefined
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 border-line border-b p-4 last:border-b-0 md:p-6">
      <div className="max-w-2xl">
        <h2 id={id} className="text-16 font-strong">
          {title}
        </h2>
        <p className="text-muted">{about}</p>
      </div>
      {problem && <p className="text-refused">{problem}</p>}
      {children}
    </section>
  )
}
