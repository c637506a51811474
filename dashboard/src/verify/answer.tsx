import type { PassClass } from '@gatehouse/shared/pass/body.ts'
import { useEffect, useRef } from 'react'
import { Button } from '../ui/button.tsx'
import { OUTCOME_TEXT, type Outcome, Shape } from '../ui/shape.tsx'
import type { Look, Verdict } from './looking.ts'

type Shown = Extract<Look, { readonly is: 'answered' | 'unanswered' }>

/** What stands on the screen, read at arm's length and in the sun. */
type Words = {
  readonly outcome: Outcome
  readonly word: string
  /** What the guard looks for or does. */
  readonly lines: readonly string[]
}

const CLASS_WORDS: Record<PassClass, string> = {
  student: 'Student',
  staff: 'Staff',
  contractor: 'Contractor',
  visitor: 'Visitor',
  vehicle: 'Vehicle',
}

const GROUND: Record<Outcome, string> = {
  granted: 'bg-granted-on',
  refused: 'bg-refused-on',
  alarm: 'bg-warning-on',
  other: 'bg-surface',
}

/** The answer, over everything: a word, a shape and a colour, who it is, and what to do. */
export function ShownAnswer({ look, onNext }: { readonly look: Shown; readonly onNext: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current!.showModal(), [])
  const verdict = look.is === 'answered' ? look.verdict : null
  const { outcome, word, lines } = wordsOf(look)

  return (
    <dialog
      ref={dialog}
      data-modal
      aria-label="Answer"
      onCancel={event => {
        event.preventDefault()
        onNext()
      }}
      className={`m-0 h-dvh max-h-none w-screen max-w-none text-text ${GROUND[outcome]}`}
    >
      <div className="mx-auto flex h-full max-w-[720px] flex-col p-6">
        <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-4 text-center">
          <Shape outcome={outcome} className="size-32 md:size-48" />
          <p className={`text-40 leading-none font-strong md:text-[4rem] ${OUTCOME_TEXT[outcome]}`}>{word}</p>
          {verdict?.holderName && (
            <p className="max-w-full text-28 leading-tight font-strong break-words">
              <bdi>{verdict.holderName}</bdi>
            </p>
          )}
          {verdict?.hostName && (
            <p className="max-w-full text-20 break-words">
              comes to see <bdi className="font-medium">{verdict.hostName}</bdi>
            </p>
          )}
          {verdict?.class && <p className="text-20 text-muted">{CLASS_WORDS[verdict.class]}</p>}
          {lines.map(line => (
            <p key={line} className="max-w-md text-20 leading-snug">
              {line}
            </p>
          ))}
        </div>
        <Button tone="primary" autoFocus className="h-14 w-full shrink-0 text-20" onClick={onNext}>
          Scan the next
        </Button>
      </div>
    </dialog>
  )
}

export function outcomeOf(look: Shown): Outcome {
  if (look.is === 'unanswered') return 'alarm'
  return look.verdict.open ? 'granted' : 'refused'
}

export function wordsOf(look: Shown): Words {
  const outcome = outcomeOf(look)
  if (look.is === 'unanswered') return { outcome, word: 'No answer', lines: [look.sentence] }
  const { open, visitor, guard } = look.verdict
  const where = whereLine(look.verdict)
  if (open) return { outcome, word: 'Open', lines: [...conditionLines(look.verdict), ...where] }
  return { outcome, word: visitor ?? 'Refused', lines: [...(guard === null ? [] : [guard]), ...where] }
}

/** Where it opens, gate by gate; the service says so only where that is asked. */
function whereLine({ opensAt }: Verdict): readonly string[] {
  const gates = [...Map.groupBy(opensAt, ({ gateId }) => gateId).values()].map(
    lanes => `${lanes[0]!.gateName} (${lanes.map(({ laneName }) => laneName).join(', ')})`,
  )
  return gates.length === 0 ? [] : [`Opens at: ${gates.join(' · ')}`]
}

function conditionLines({ conditions: { photoCheck, escort, once } }: Verdict): readonly string[] {
  return [
    photoCheck && 'Compare the face with the photo.',
    escort && 'Somebody who belongs here must come along.',
    once && 'Opens one time only.',
  ].filter(line => line !== false)
}
