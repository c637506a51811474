import {
  type GateConfigurationAnswer,
  getGateConfiguration,
  restoreGateConfiguration,
} from '@gatehouse/shared/wire/api/gate-configuration.ts'
import { type Gate, getGate } from '@gatehouse/shared/wire/api/gates.ts'
import { useState } from 'react'
import { useParams } from 'react-router'
import { useMay } from '../../api/session-context.ts'
import { useAsk, useDo } from '../../api/use-api.ts'
import { Page } from '../../frame/page.tsx'
import { Badge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Failed, Waiting } from '../../ui/notice.tsx'
import { useSay } from '../../ui/said.tsx'
import { Editor } from './editor.tsx'
import { History } from './history.tsx'
import { Review } from './review.tsx'
import { standingOf } from './standing.ts'

/** While something is on its way to the gate. */
const SOON_MS = 1_500
const LATER_MS = 15_000

/** What hangs on a gate: described, sent, in force or not, and what was sent before. */
export function WiringPage() {
  const { gateId = '' } = useParams()
  const params = { gateId }
  const gate = useAsk(getGate, { params }, { refetchMs: LATER_MS })
  const [refetchMs, setRefetchMs] = useState(LATER_MS)
  const configuration = useAsk(getGateConfiguration, { params }, { refetchMs })
  if (gate.data && configuration.data) {
    const known = { gate: gate.data.data, answer: configuration.data.data }
    const wantedMs = standingOf(known.answer, known.gate).isMoving ? SOON_MS : LATER_MS
    if (wantedMs !== refetchMs) setRefetchMs(wantedMs)
    return (
      <Wiring
        {...known}
        readAgain={async () => {
          const { data } = await configuration.refetch()
          return data?.data ?? null
        }}
      />
    )
  }
  const failed = [gate, configuration].find(({ isError }) => isError)
  return (
    <Page title="Wiring">
      <div className="panel">
        {failed ? <Failed error={failed.error} retry={() => void failed.refetch()} /> : <Waiting rows={6} />}
      </div>
    </Page>
  )
}

function Wiring({
  gate,
  answer,
  readAgain,
}: {
  readonly gate: Gate
  readonly answer: GateConfigurationAnswer
  readonly readAgain: () => Promise<GateConfigurationAnswer | null>
}) {
  const mayWrite = useMay('gate:update')
  const [isChanged, setIsChanged] = useState(false)
  const newestVersion = answer.newest?.version ?? 0
  const [begunWith, setBegunWith] = useState(newestVersion)
  // What somebody is changing is not taken away by what somebody else has sent.
  if (!isChanged && begunWith !== newestVersion) setBegunWith(newestVersion)
  const [restoring, setRestoring] = useState<number | null>(null)
  const restore = useDo(restoreGateConfiguration)
  const say = useSay()
  const sendAgain = (version: number) =>
    restore.mutate(
      { params: { gateId: gate.gateId, version }, body: { basedOn: newestVersion } },
      {
        onSuccess: () => {
          setRestoring(null)
          say({ text: `Version ${version} sent again` })
        },
      },
    )

  return (
    <Page
      title={`Wiring of ${gate.name}`}
      acts={
        <ButtonLink to={`/gates/${gate.gateId}`} icon="left">
          The gate
        </ButtonLink>
      }
    >
      <div className="flex flex-col gap-4">
        <State gate={gate} answer={answer} />
        <Editor
          key={begunWith}
          gate={gate}
          answer={answer}
          mayWrite={mayWrite}
          readAgain={readAgain}
          onChanged={setIsChanged}
        />
        <History
          answer={answer}
          onRestore={
            mayWrite && !isChanged
              ? version => {
                  restore.reset()
                  setRestoring(version)
                }
              : null
          }
        />
      </div>
      <Review
        title={`Send version ${restoring ?? ''} again`}
        changes={restoring === null ? null : undoneSince(answer, restoring)}
        onClose={() => setRestoring(null)}
        onSend={() => restoring !== null && sendAgain(restoring)}
        sending={restore.isPending}
        error={restore.error}
      />
    </Page>
  )
}

/** What was changed since a version, which sending it again undoes. */
function undoneSince({ history }: GateConfigurationAnswer, version: number) {
  return history
    .filter(later => later.version > version)
    .flatMap(({ version: at, changes }) =>
      changes.map(({ place, what }) => ({ place, what: `undone, of version ${at}: ${what}` })),
    )
}

function State({ gate, answer }: { readonly gate: Gate; readonly answer: GateConfigurationAnswer }) {
  const { tone, word, sentence } = standingOf(answer, gate)
  const { reported, newest } = answer
  const other =
    reported?.refusedVersion !== newest?.version && reported?.source === 'cloud' && reported.version === newest?.version
      ? reported?.refusedVersion
      : undefined
  return (
    <section aria-label="How it stands" className="panel flex flex-col gap-2 p-4">
      <p role="status" className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <Badge tone={tone}>{word}</Badge>
        <span className="min-w-0 flex-1 break-words">{sentence}</span>
      </p>
      {other !== undefined && (
        <p className="text-13 text-muted">
          Version {other} was refused: {reported?.problem}
        </p>
      )}
    </section>
  )
}
