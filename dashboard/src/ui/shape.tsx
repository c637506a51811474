/** What happened, told without colour: a disc with a tick, a square with a bar, a triangle, a ring. */
export type Outcome = 'granted' | 'refused' | 'alarm' | 'other'

export const OUTCOME_WORDS: Record<Outcome, string> = {
  granted: 'Granted',
  refused: 'Refused',
  alarm: 'Alarm',
  other: 'Other',
}

export const OUTCOME_TEXT: Record<Outcome, string> = {
  granted: 'text-granted',
  refused: 'text-refused',
  alarm: 'text-warning',
  other: 'text-muted',
}

/** Says nothing to a screen reader: the word always stands beside it. */
export function Shape({ outcome, className }: { readonly outcome: Outcome; readonly className: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 40 40" className={`shrink-0 ${OUTCOME_TEXT[outcome]} ${className}`}>
      {outcome === 'granted' && (
        <>
          <circle cx="20" cy="20" r="19" fill="currentColor" />
          <path d="m11 20.5 6.5 6.5L29.5 14" className="fill-none stroke-fill" strokeWidth="4.5" />
        </>
      )}
      {outcome === 'refused' && (
        <>
          <rect x="2" y="2" width="36" height="36" rx="3" fill="currentColor" />
          <path d="M10 20h20" className="fill-none stroke-fill" strokeWidth="6" />
        </>
      )}
      {outcome === 'alarm' && (
        <>
          <path d="M20 3 38 36H2z" fill="currentColor" />
          <path d="M20 15v10M20 29.5v.5" className="fill-none stroke-fill" strokeWidth="4" strokeLinecap="round" />
        </>
      )}
      {outcome === 'other' && <circle cx="20" cy="20" r="9" className="fill-none stroke-current" strokeWidth="4" />}
    </svg>
  )
}
