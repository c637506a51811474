import type { ReactNode } from 'react'

/** One matter of the account: its name, what can be done about it, and what there is. */
export function Section({
  title,
  act,
  children,
}: {
  readonly title: string
  readonly act?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section aria-label={title} className="panel">
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-line border-b px-4 py-2">
        <h2 className="font-strong">{title}</h2>
        {act}
      </div>
      {children}
    </section>
  )
}

/** One thing of several, with what can be done with it. */
export function Item({
  title,
  detail,
  act,
}: {
  readonly title: ReactNode
  readonly detail: ReactNode
  readonly act?: ReactNode
}) {
  return (
    <li className="flex items-center justify-between gap-4 border-line border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0">
        <p className="truncate font-medium">{title}</p>
        <p className="text-13 text-muted">{detail}</p>
      </div>
      {act}
    </li>
  )
}
