import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { Page } from '../frame/page.tsx'
import { useShortcuts } from '../frame/shortcuts.ts'
import { Button, Chip, Chips, IconButton } from '../ui/button.tsx'
import { Empty, Warning } from '../ui/notice.tsx'
import { OUTCOME_WORDS, type Outcome, Shape } from '../ui/shape.tsx'
import type { FeedState } from './feed.ts'
import { GatesColumn } from './gates-column.tsx'
import { LastDecision } from './last-decision.tsx'
import { PresentPanel } from './present-panel.tsx'
import { Stream } from './stream.tsx'
import { allowSound, sound } from './tones.ts'
import { useGateChoices } from './use-gate-choices.ts'
import { useLive } from './use-live.ts'
import { isScan, outcomeOf } from './words.ts'

const OUTCOMES: readonly Outcome[] = ['granted', 'refused', 'alarm', 'other']

export function LivePage() {
  const { lines, act, feed } = useLive()
  const [search, setSearch] = useSearchParams()
  const gates = useGateChoices()
  const mayReadEvents = useMay('event:read')
  const wall = useRef<HTMLDivElement>(null)

  const gateId = search.get('gate')
  const outcome = search.get('outcome')
  const { atThisGate, shown, newCount } = useMemo(() => {
    const here = (line: AccessLine) => gateId === null || line.gateId === gateId
    const wanted = (line: AccessLine) => here(line) && (outcome === null || outcomeOf(line) === outcome)
    return {
      atThisGate: [...lines.waiting, ...lines.lines].filter(here),
      shown: lines.lines.filter(wanted),
      newCount: lines.waiting.filter(wanted).length,
    }
  }, [lines, gateId, outcome])
  const last = useMemo(() => newestScan(atThisGate), [atThisGate])
  const [sounding, setSounding] = useSound(last)

  const narrow = (name: string, value: string | null) =>
    setSearch(
      before => {
        const next = new URLSearchParams(before)
        if (value === null) next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const keys = useMemo(
    () => ({
      p: () => act({ is: lines.paused ? 'resumed' : 'paused' }),
      f: () => void toggleWall(wall.current),
    }),
    [act, lines.paused],
  )
  useShortcuts(keys)

  return (
    <Page title="Live" full>
      <div
        ref={wall}
        className="grid grid-cols-[minmax(0,1fr)] gap-4 bg-page p-4 lg:h-[calc(100dvh-3rem)] lg:grid-cols-[minmax(0,1fr)_320px] lg:grid-rows-[minmax(0,1fr)] fullscreen:h-dvh"
      >
        <div className="flex min-h-0 min-w-0 flex-col gap-4">
          <FeedNotice feed={feed} />
          {feed !== null && <LastDecision line={last} />}
          <div className="panel flex min-h-0 flex-1 flex-col">
            <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
              <Chips name="Which gate">
                <Chip on={gateId === null} onPress={() => narrow('gate', null)}>
                  All gates
                </Chip>
                {gates.map(gate => (
                  <Chip key={gate.gateId} on={gateId === gate.gateId} onPress={() => narrow('gate', gate.gateId)}>
                    <bdi className="max-w-40 truncate">{gate.name}</bdi>
                  </Chip>
                ))}
              </Chips>
              <Chips name="Which outcome">
                {OUTCOMES.map(each => (
                  <Chip
                    key={each}
                    on={outcome === each}
                    onPress={() => narrow('outcome', outcome === each ? null : each)}
                  >
                    <Shape outcome={each} className="-ml-1 size-3.5" />
                    {OUTCOME_WORDS[each]}
                  </Chip>
                ))}
              </Chips>
              <div className="ml-auto flex items-center gap-1">
                <Button
                  icon={lines.paused ? 'play' : 'pause'}
                  onClick={() => act({ is: lines.paused ? 'resumed' : 'paused' })}
                >
                  {lines.paused ? (newCount > 0 ? `Go on, ${newCount} new` : 'Go on') : 'Pause'}
                </Button>
                <IconButton
                  name={sounding ? 'Sound is on; switch it off' : 'Sound is off; switch it on'}
                  icon={sounding ? 'sound' : 'mute'}
                  onClick={() => setSounding(!sounding)}
                />
                <IconButton name="Fill the screen" icon="screen" onClick={() => void toggleWall(wall.current)} />
              </div>
            </div>
            <Stream
              lines={shown}
              newCount={lines.paused ? 0 : newCount}
              onScrolled={atTop => act({ is: 'scrolled', atTop })}
              empty={
                mayReadEvents
                  ? 'No scans to show. They come in here as they happen.'
                  : 'Scans come in here as they happen; what was before is not for your role.'
              }
            />
          </div>
          <PresentPanel />
        </div>
        <GatesColumn pulse={lines.pulse} />
      </div>
    </Page>
  )
}

function FeedNotice({ feed }: { readonly feed: FeedState | null }) {
  if (feed === null) {
    return (
      <div className="panel">
        <Empty title="Your account belongs to no school">
          Scans are watched in one school. Sign in with an account of that school.
        </Empty>
      </div>
    )
  }
  return (
    <div role="status" className="empty:hidden">
      {feed === 'reconnecting' && <Warning>Reconnecting; scans are kept at the gates and come in afterwards.</Warning>}
      {feed === 'refused' && <Warning>The service does not let this account watch the feed. Sign in again.</Warning>}
    </div>
  )
}

/** By the gate's time: what a gate kept while it was cut off is not the last decision. */
function newestScan(lines: readonly AccessLine[]): AccessLine | null {
  return lines
    .filter(isScan)
    .reduce<AccessLine | null>((newest, line) => (newest && newest.at >= line.at ? newest : line), null)
}

/** Off until asked for. */
function useSound(last: AccessLine | null): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: switching the sound on plays nothing; a new decision does.
  useEffect(() => {
    if (on && last) sound(outcomeOf(last))
  }, [last])
  return [
    on,
    wanted => {
      if (wanted) allowSound()
      setOn(wanted)
    },
  ]
}

async function toggleWall(wall: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen()
  else await wall?.requestFullscreen?.()
}
