import type { ReactNode } from 'react'

export type BadgeTone = 'granted' | 'refused' | 'warning' | 'quiet'

const TONES: Record<BadgeTone, string> = {
  granted: 'bg-granted-on text-granted',
  refused: 'bg-refused-on text-refused',
  warning: 'bg-warning-on text-warning',
  quiet: 'bg-sunken text-muted',
}

/** One word on how something stands. */
export function Badge({ tone, children }: { readonly tone: BadgeTone; readonly children: ReactNode }) {
  return (
    <span
      className={`inline-flex h-5 items-center rounded-full px-2 text-12 font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}
