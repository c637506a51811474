import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { memo, useRef } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { holderPath } from '../ui/holder-path.ts'
import { OUTCOME_TEXT, Shape } from '../ui/shape.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayTime, type Zone } from '../ui/when.ts'
import { lineKey } from './lines.ts'
import { KIND_WORDS, outcomeOf, where, who, why } from './words.ts'

/** One line an event, newest at the top; while the reader is further down nothing moves, and a pill says what waits. */
export function Stream({
  lines,
  newCount,
  onScrolled,
  empty,
}: {
  readonly lines: readonly AccessLine[]
  readonly newCount: number
  readonly onScrolled: (atTop: boolean) => void
  readonly empty: string
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const zone = useZone()
  const mayRead = useMay('student:read')

  return (
    <div className="relative min-h-0 flex-1">
      {newCount > 0 && (
        <button
          type="button"
          onClick={() => {
            scroller.current?.scrollTo({ top: 0 })
            onScrolled(true)
          }}
          className="absolute top-2 left-1/2 z-10 -translate-x-1/2 rounded-full bg-accent px-4 py-1.5 text-13 font-medium text-fill shadow-float"
        >
          {newCount} new
        </button>
      )}
      <section
        ref={scroller}
        aria-label="Scans, newest first"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard (WCAG 2.1.1).
        tabIndex={0}
        onScroll={event => onScrolled(event.currentTarget.scrollTop < 4)}
        className="@container max-h-[60dvh] min-h-40 overflow-y-auto lg:h-full lg:max-h-none"
      >
        {lines.length === 0 ? (
          <p className="px-4 py-10 text-center text-muted">{empty}</p>
        ) : (
          <ol>
            {lines.map(line => (
              <Row key={lineKey(line)} line={line} zone={zone} mayRead={mayRead} />
            ))}
          </ol>
        )}
      </section>
    </div>
  )
}

const Row = memo(function Row({
  line,
  zone,
  mayRead,
}: {
  readonly line: AccessLine
  readonly zone: Zone
  readonly mayRead: boolean
}) {
  const outcome = outcomeOf(line)
  const reason = why(line)
  return (
    <li className="arrive row-offstage grid min-h-10 grid-cols-[20px_minmax(0,1fr)_auto] items-center gap-x-3 border-line border-b px-4 py-1.5 @2xl:grid-cols-[20px_minmax(0,4fr)_minmax(0,3fr)_minmax(0,4fr)_72px] @2xl:py-0">
      <Shape outcome={outcome} className="size-5" />
      <span className="flex min-w-0 items-baseline gap-2">
        {mayRead && holderPath(line.holder) !== null ? (
          <Link data-row to={holderPath(line.holder)!} className="truncate font-medium hover:underline">
            <bdi>{line.holder?.name}</bdi>
          </Link>
        ) : (
          <span className={`truncate ${line.holder ? 'font-medium' : ''}`}>
            <bdi>{who(line)}</bdi>
          </span>
        )}
        <span className={`shrink-0 text-13 ${OUTCOME_TEXT[outcome]}`}>{KIND_WORDS[line.kind]}</span>
      </span>
      <span className="hidden truncate text-muted @2xl:block">{where(line)}</span>
      <span className="hidden truncate @2xl:block">{reason}</span>
      <time dateTime={line.at} className="text-right text-muted">
        {sayTime(line.at, zone)}
      </time>
      <span className="col-start-2 col-end-4 truncate text-13 text-muted @2xl:hidden">
        {where(line)}
        {reason && ` · ${reason}`}
      </span>
    </li>
  )
})
