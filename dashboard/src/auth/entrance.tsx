import { type ReactNode, useEffect } from 'react'

/** A page before the house: one column, the name, and what is to be done. */
export function Entrance({
  title,
  lead,
  children,
  foot,
}: {
  readonly title: string
  readonly lead: ReactNode
  readonly children: ReactNode
  readonly foot?: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Gatehouse`
  }, [title])
  return (
    <main className="flex min-h-dvh flex-col items-center justify-start px-4 pt-[10vh] pb-8">
      <div className="w-full max-w-[360px]">
        <h1 className="mb-1 flex items-center gap-3 text-28 font-strong">
          <img src="/icon.svg" alt="" width="32" height="32" />
          Gatehouse
        </h1>
        <p className="mb-6 text-muted">{lead}</p>
        {children}
        {foot && <div className="mt-4 flex flex-col items-start gap-2 text-13 text-muted">{foot}</div>}
      </div>
    </main>
  )
}

/** Another way, as quiet as a link: it stays on the page. */
export function Way({ onClick, children }: { readonly onClick: () => void; readonly children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-h-8 rounded-6 text-left text-13 text-accent underline pointer-coarse:min-h-11"
    >
      {children}
    </button>
  )
}
