import { myEvents } from '@gatehouse/shared/wire/api/my.ts'
import { useAsk } from '../api/use-api.ts'
import { isScan, KIND_WORDS, outcomeOf, where, why } from '../live/words.ts'
import { Warning } from '../ui/notice.tsx'
import { Shape } from '../ui/shape.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { secondsLeft } from './code-time.ts'

const OFTEN_MS = 5_000
/** A refusal this young is what the student is standing in front of. */
const JUST_NOW_MS = 30_000

/** Where I passed and where I did not, with the reason. */
export function LastPassages() {
  const asked = useAsk(myEvents, { query: { limit: 10 } }, { refetchMs: OFTEN_MS })
  const nowMs = useNow()
  const zone = useZone()
  const lines = (asked.data?.data ?? []).filter(isScan)
  const [last] = lines
  if (last === undefined) return null
  const isReplay = last.refusal === 'replayed' && nowMs - Date.parse(last.at) < JUST_NOW_MS

  return (
    <section aria-label="Last passages" className="panel">
      {isReplay && <Warning>This code was used already. Wait for the next code: {secondsLeft(nowMs)} s.</Warning>}
      <h2 className="border-line border-b px-4 py-2 font-strong">Last passages</h2>
      <ul>
        {lines.map(line => (
          <li
            key={`${line.gateId} ${line.sequence}`}
            className="flex items-center gap-3 border-line border-b px-4 py-2 last:border-0"
          >
            <Shape outcome={outcomeOf(line)} className="size-5" />
            <span className="min-w-0 flex-1">
              {KIND_WORDS[line.kind]} · <bdi>{where(line)}</bdi>
              {why(line) !== '' && <span className="block text-13 text-muted">{why(line)}</span>}
            </span>
            <time dateTime={line.at} className="text-13 text-muted">
              {sayMoment(line.at, nowMs, zone)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  )
}
