import {
  checkGateConfiguration,
  type GateConfigurationAnswer,
  putGateConfiguration,
} from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { describedHardware } from '@gatehouse/shared/wire/hardware/described.ts'
import { useEffect, useMemo, useState } from 'react'
import { failureOf } from '../../api/failure.ts'
import { useDo } from '../../api/use-api.ts'
import { Button } from '../../ui/button.tsx'
import { Leaving } from '../../ui/leaving.tsx'
import { Problem } from '../../ui/notice.tsx'
import { useSay } from '../../ui/said.tsx'
import { DeviceCard } from './device-card.tsx'
import { type Draft, descriptionOf, draftOf, isSameDraft, isWrong, renamed, withBoard, withOnlyBoard } from './draft.ts'
import { byPath, WiringFormContext } from './form.ts'
import { LanePart } from './lane-part.tsx'
import { type Change, Review } from './review.tsx'

const BOARDS_MAX = 16
/** Of a gate with more lanes, each is opened by whoever wants to see it. */
const LANES_OPEN_MAX = 4

export function Editor({
  gate,
  answer,
  mayWrite,
  readAgain,
  onChanged,
}: {
  readonly gate: Gate
  readonly answer: GateConfigurationAnswer
  readonly mayWrite: boolean
  readonly readAgain: () => Promise<GateConfigurationAnswer | null>
  readonly onChanged: (isChanged: boolean) => void
}) {
  const { gateId, accessPoints } = gate
  const [base, setBase] = useState(answer)
  const begun = useMemo(() => draftOf(base.newest, accessPoints), [base, accessPoints])
  const [draft, setDraft] = useState<Draft>(begun)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [saysAll, setSaysAll] = useState(false)
  const [reviews, setReviews] = useState(0)
  const [closed, setClosed] = useState<ReadonlySet<string>>(
    new Set(accessPoints.length > LANES_OPEN_MAX ? accessPoints.map(({ lane }) => lane) : []),
  )
  const [changes, setChanges] = useState<readonly Change[] | null>(null)
  const check = useDo(checkGateConfiguration)
  const send = useDo(putGateConfiguration)
  const say = useSay()

  const mistakes = useMemo(
    () => byPath(describedHardware(accessPoints, descriptionOf(draft)).mistakes ?? []),
    [draft, accessPoints],
  )
  const isChanged = !isSameDraft(draft, begun)
  const change = (next: Draft) => {
    setDraft(withOnlyBoard(next))
    onChanged(true)
  }
  const said = (path: string) => {
    const wasThere = [...touched].some(other => other === path || other.startsWith(`${path}.`))
    return saysAll || wasThere ? mistakes.get(path) : undefined
  }
  const saidWithin = (path: string) => [...mistakes.keys()].filter(at => at.startsWith(`${path}.`) && said(at)).length

  // To the first thing that is to be mended, after it says so.
  useEffect(() => {
    if (reviews > 0) document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus()
  }, [reviews])

  const drop = () => {
    setDraft(begun)
    setTouched(new Set())
    setSaysAll(false)
    onChanged(false)
  }
  const review = () => {
    setSaysAll(true)
    setReviews(reviews + 1)
    send.reset()
    if (mistakes.size > 0) {
      setClosed(new Set([...closed].filter(lane => !isWrong(draft, lane, mistakes))))
      return
    }
    check.mutate(
      { params: { gateId }, body: descriptionOf(draft) },
      { onSuccess: told => told.mistakes.length === 0 && setChanges(told.changes) },
    )
  }
  const sendIt = () =>
    send.mutate(
      { params: { gateId }, body: { basedOn: base.newest?.version ?? 0, ...descriptionOf(draft) } },
      {
        onSuccess: sent => {
          setChanges(null)
          onChanged(false)
          say({ text: `Version ${sent.newest?.version} sent` })
        },
      },
    )
  const keepMine = async () => {
    const newest = await readAgain()
    if (newest === null) return
    setBase(newest)
    setChanges(null)
    send.reset()
  }
  const failure = send.error ? failureOf(send.error) : null
  const overtaken = failure?.kind === 'problem' && failure.problem.code === 'overtaken'

  return (
    <WiringFormContext
      value={{
        said,
        touch: path => setTouched(before => (before.has(path) ? before : new Set([...before, path]))),
        boards: draft.boards.map(({ values }) => String(values.id ?? '')).filter(Boolean),
        mayWrite,
      }}
    >
      <section aria-label="Wiring" className="panel [&_.control]:scroll-my-32">
        <fieldset disabled={!mayWrite} className="min-w-0">
          <legend className="sr-only">Wiring of {gate.name}</legend>
          <Boards draft={draft} onChange={change} mayWrite={mayWrite} />
          {draft.lanes.map((lane, at) => (
            <LanePart
              key={lane.lane}
              point={accessPoints[at]!}
              lane={lane}
              onChange={next => change({ ...draft, lanes: draft.lanes.with(at, next) })}
              path={`lanes.${at}`}
              open={!closed.has(lane.lane)}
              onToggle={open => setClosed(toggled(closed, lane.lane, !open))}
              mistakes={saidWithin(`lanes.${at}`)}
            />
          ))}
        </fieldset>
        {isChanged && (
          <div className="sticky bottom-14 z-20 flex flex-col gap-3 border-line border-t bg-surface p-4 md:bottom-0">
            <Problem error={check.error} />
            {check.data?.mistakes.map(({ path, message }) => (
              <p key={path} className="text-13 text-refused">
                {path} {message}
              </p>
            ))}
            <div className="flex flex-wrap items-center justify-end gap-2">
              <p role="status" className="mr-auto min-w-0">
                {saysAll && mistakes.size > 0 ? (
                  <span className="text-refused">
                    {mistakes.size === 1 ? '1 thing to mend' : `${mistakes.size} things to mend`}
                  </span>
                ) : (
                  'Not sent yet'
                )}
              </p>
              <Button onClick={drop}>Drop my changes</Button>
              <Button tone="primary" busy={check.isPending && 'Checking …'} onClick={review}>
                Review
              </Button>
            </div>
          </div>
        )}
      </section>
      <Review
        changes={changes}
        onClose={() => setChanges(null)}
        onSend={overtaken ? () => void keepMine() : sendIt}
        sendWord={overtaken ? 'Load the newest and keep mine' : 'Send'}
        sending={send.isPending}
        error={send.error}
      />
      <Leaving isChanged={isChanged} title="Leave without sending?">
        What you changed here was not sent. It is lost when you leave.
      </Leaving>
    </WiringFormContext>
  )
}

function Boards({
  draft,
  onChange,
  mayWrite,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly mayWrite: boolean
}) {
  const { boards } = draft
  return (
    <div className="flex flex-col gap-4 border-line border-b p-4">
      <h2 className="font-strong">Boards</h2>
      <p className="text-muted">
        What doors hang on: a relay board, a turnstile’s own board, or pins of the machine. A board may have the doors
        and contacts of many lanes.
      </p>
      {boards.map((board, at) => (
        <DeviceCard
          key={board.key}
          kind="board"
          values={board.values}
          onChange={values => onChange(renamed(draft, at, { ...draft, boards: boards.with(at, { ...board, values }) }))}
          onRemove={() => onChange({ ...draft, boards: boards.filter(({ key }) => key !== board.key) })}
          path={`boards.${at}`}
        />
      ))}
      {mayWrite && boards.length < BOARDS_MAX && (
        <div>
          <Button icon="plus" onClick={() => onChange({ ...draft, boards: withBoard(boards) })}>
            Add a board
          </Button>
        </div>
      )}
    </div>
  )
}

function toggled(closed: ReadonlySet<string>, lane: string, isClosed: boolean): ReadonlySet<string> {
  const others = [...closed].filter(other => other !== lane)
  return new Set(isClosed ? [...others, lane] : others)
}
