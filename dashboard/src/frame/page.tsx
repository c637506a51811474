import { type ReactNode, useEffect, useRef } from 'react'
import { useLocation } from 'react-router'
import { HeaderTools } from './header-tools.tsx'

/**
 * A page below the frame: its name in the window's title and in the header, where the focus goes when somebody came
 * here from another page.
 */
export function Page({
  title,
  acts,
  children,
  full = false,
}: {
  readonly title: string
  /** What can be done here; at the top right of the content. */
  readonly acts?: ReactNode
  readonly children: ReactNode
  /** As wide and high as the window, for what is watched. */
  readonly full?: boolean
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { pathname, key } = useLocation()

  useEffect(() => {
    document.title = `${title} · Gatehouse`
  }, [title])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is why: another student is another page.
  useEffect(() => {
    // The first page of a window is read from its beginning, where the way past the sections is.
    if (key !== 'default') heading.current?.focus({ preventScroll: true })
  }, [pathname])

  return (
    <>
      <header
        data-print-not
        className="sticky top-0 z-30 flex h-12 items-center gap-2 border-line border-b bg-surface px-4"
      >
        <h1 ref={heading} tabIndex={-1} className="min-w-0 flex-1 truncate text-16 font-strong">
          <bdi>{title}</bdi>
        </h1>
        <HeaderTools />
      </header>
      <main
        id="content"
        tabIndex={-1}
        className={`mx-auto w-full pb-20 md:pb-6 ${full ? 'max-w-[1920px]' : 'max-w-[1440px] p-4 lg:p-6'}`}
      >
        {acts && (
          <div data-print-not className="mb-4 flex flex-wrap justify-end gap-2">
            {acts}
          </div>
        )}
        {children}
      </main>
    </>
  )
}
