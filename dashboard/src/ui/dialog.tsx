import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { IconButton } from './button.tsx'

/**
 * A question or a form over the page. Radix's own overlay is not used: it puts a style sheet into the page by script,
 * which our policy refuses. `data-modal` holds the page still instead.
 */
export function Dialog({
  open,
  onClose,
  title,
  children,
  wide = false,
  bare = false,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  readonly wide?: boolean
  /** No visible head: what is inside says what it is. */
  readonly bare?: boolean
}) {
  const before = useRef<Element | null>(null)
  return (
    <Radix.Root open={open} onOpenChange={next => !next && onClose()}>
      <Radix.Portal>
        <div data-print-not className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          data-modal
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            before.current = document.activeElement
          }}
          onCloseAutoFocus={event => {
            // Radix gives the focus back to a trigger of its own only. A page that was gone to has taken it already.
            event.preventDefault()
            const isFree = document.activeElement === null || document.activeElement === document.body
            if (isFree && before.current instanceof HTMLElement) before.current.focus()
          }}
          className={`fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] overflow-auto overscroll-contain rounded-t-6 bg-surface shadow-float md:inset-x-auto md:bottom-auto md:left-1/2 md:-translate-x-1/2 md:rounded-6 md:top-[12vh] md:max-h-[80vh] md:w-full ${
            wide ? 'md:max-w-[640px]' : 'md:max-w-[480px]'
          }`}
        >
          {bare ? (
            <Radix.Title className="sr-only">{title}</Radix.Title>
          ) : (
            <div className="flex items-center justify-between gap-4 border-line border-b py-2 pr-2 pl-5">
              <Radix.Title className="text-16 font-strong">{title}</Radix.Title>
              <span data-print-not>
                <IconButton name="Close" icon="close" onClick={onClose} />
              </span>
            </div>
          )}
          <div className={bare ? '' : 'p-5'}>{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The row of buttons at the foot of a dialog: what happens at the right, the way back beside it. */
export function Acts({ children }: { readonly children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>
}
