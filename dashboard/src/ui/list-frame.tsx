import { type ReactNode, useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import { IconButton } from './button.tsx'
import { useAddress } from './use-address.ts'

/** A list and, beside it, what is open of it: on a small screen over it. */
export function ListFrame({ children, side }: { readonly children: ReactNode; readonly side: ReactNode }) {
  return (
    <div className="flex items-start gap-4">
      <div className="panel min-w-0 flex-1">{children}</div>
      {side}
    </div>
  )
}

/** What narrows a list, above it. */
export function ListTools({ children }: { readonly children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-3">{children}</div>
}

/** The open row. Not modal: the list beside it stays in use. Esc closes it and gives the focus back to the row. */
export function SidePanel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const address = useAddress()
  const navigate = useNavigate()
  const heading = useRef<HTMLHeadingElement>(null)
  const closed = address.with('open', null)
  const opened = address.get('open')

  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is another panel.
  useEffect(() => {
    const row = document.activeElement
    heading.current?.focus({ preventScroll: true })
    return () => {
      if (row instanceof HTMLElement && row.isConnected && row.matches('[data-row]')) row.focus()
    }
  }, [opened])
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('[data-modal]')) return
      void navigate(closed, { replace: true })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate, closed])

  return (
    <aside
      aria-label={title}
      className="panel fixed inset-x-0 top-12 bottom-14 z-20 overflow-y-auto rounded-none border-0 md:left-auto md:right-0 md:bottom-0 md:w-[420px] md:border-l md:shadow-float xl:right-auto xl:shadow-none xl:sticky xl:top-[4.5rem] xl:max-h-[calc(100dvh-6rem)] xl:w-[400px] xl:shrink-0 xl:rounded-6 xl:border"
    >
      <div className="sticky top-0 z-10 flex items-center justify-between gap-2 border-line border-b bg-surface py-1.5 pr-2 pl-4">
        <h2 ref={heading} tabIndex={-1} className="min-w-0 truncate font-strong">
          <bdi>{title}</bdi>
        </h2>
        <IconButton name="Close" icon="close" onClick={() => void navigate(closed, { replace: true })} />
      </div>
      <div className="p-4">{children}</div>
    </aside>
  )
}

/** Facts as pairs, the word left and the value right. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">{children}</dl>
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  )
}
