import { explain } from '@gatehouse/shared/decision/explain.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { holderPath } from '../ui/holder-path.ts'
import { OUTCOME_TEXT, OUTCOME_WORDS, Shape } from '../ui/shape.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayTime } from '../ui/when.ts'
import { initials, outcomeOf, where, who, why } from './words.ts'

/** The largest thing on the page: the last decision, readable at three metres. */
export function LastDecision({ line }: { readonly line: AccessLine | null }) {
  if (line === null) return <NoDecision />
  const outcome = outcomeOf(line)
  return (
    <section
      aria-label="Last decision"
      className={`rounded-6 border p-4 lg:p-6 ${
        outcome === 'granted' ? 'border-granted bg-granted-on' : 'border-refused bg-refused-on'
      }`}
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <Shape outcome={outcome} className="size-16 lg:size-28" />
        <div className="min-w-0 flex-1 basis-52">
          <p className={`text-28 leading-none font-strong lg:text-40 ${OUTCOME_TEXT[outcome]}`}>
            {OUTCOME_WORDS[outcome]}
          </p>
          <p className="mt-2 text-20 leading-tight font-strong break-words lg:text-28">
            <Holder line={line} />
          </p>
          <p className="mt-1 text-14 text-muted lg:text-16">
            {line.holder?.department && (
              <>
                <bdi>{line.holder.department}</bdi>
                {' · '}
              </>
            )}
            {where(line)}
            {line.direction && ` · ${line.direction === 'in' ? 'going in' : 'going out'}`}
          </p>
        </div>
        <div className="flex items-center gap-4 lg:flex-col lg:items-end">
          {line.holder && (
            <span
              aria-hidden="true"
              className="hidden size-14 items-center justify-center rounded-full bg-surface text-20 font-strong lg:flex"
            >
              {initials(line.holder.name)}
            </span>
          )}
          <Time at={line.at} />
        </div>
      </div>
      <Reason line={line} />
      <p aria-live="polite" className="sr-only">
        {`${OUTCOME_WORDS[outcome]}: ${who(line)}, ${where(line)}. ${why(line)}`}
      </p>
    </section>
  )
}

function Holder({ line }: { readonly line: AccessLine }) {
  const mayRead = useMay('student:read')
  const path = holderPath(line.holder)
  if (mayRead && path !== null) {
    return (
      <Link to={path} className="hover:underline">
        <bdi>{line.holder?.name}</bdi>
      </Link>
    )
  }
  return <bdi>{who(line)}</bdi>
}

function Time({ at }: { readonly at: string }) {
  const nowMs = useNow()
  return (
    <p className="text-14 whitespace-nowrap lg:text-16">
      <time dateTime={at}>{sayTime(at, useZone())}</time>
      <span className="text-muted"> · {sayAgo(at, nowMs)}</span>
    </p>
  )
}

/** In the visitor's words and beside them in the guard's. */
function Reason({ line: { refusal, objection } }: { readonly line: AccessLine }) {
  const cause = refusal ?? objection
  if (cause === null) return null
  const { visitor, guard } = explain(cause)
  return (
    <dl className="mt-4 grid gap-x-8 gap-y-3 border-current/20 border-t pt-4 lg:grid-cols-[auto_1fr]">
      <div>
        <dt className="text-13 text-muted">
          {refusal ? 'The visitor reads' : 'Let out all the same; going in it would say'}
        </dt>
        <dd className="text-16 font-strong lg:text-20">{visitor}</dd>
      </div>
      <div>
        <dt className="text-13 text-muted">What to do</dt>
        <dd className="text-14 lg:text-16">{guard}</dd>
      </div>
    </dl>
  )
}

function NoDecision() {
  return (
    <section
      aria-label="Last decision"
      className="flex min-h-40 flex-col items-center justify-center gap-1 rounded-6 border border-line bg-surface p-6 text-center"
    >
      <p className="text-20 font-strong">Waiting for the first scan</p>
      <p className="text-muted">When somebody holds a card or a code to a reader, it stands here, with the reason.</p>
    </section>
  )
}
