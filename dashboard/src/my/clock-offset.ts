import { PROOF_AGE_S, REDRAW_S } from '@gatehouse/shared/pass/proof.ts'
import { useEffect, useState } from 'react'
import { sayAge } from '../ui/when.ts'

const AGAIN_MS = 60_000
/** Of the way there and back, and of a header that says whole seconds. */
const SPARE_S = 3

/** How far the phone's clock is ahead of the service's, ms; negative behind. By the Date header of an answer, from its middle. */
export function clockOffset(date: string | null, askedMs: number, answeredMs: number): number | null {
  const saidMs = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(saidMs)) return null
  return (askedMs + answeredMs) / 2 - (saidMs + 500)
}

/** What to do about a clock that gates will not believe; null while they will. */
export function sayClock(offsetMs: number | null): string | null {
  if (offsetMs === null) return null
  const tooFar = offsetMs / 1000 > -PROOF_AGE_S.least - SPARE_S
  const tooLate = -offsetMs / 1000 > PROOF_AGE_S.most - REDRAW_S - SPARE_S
  if (!tooFar && !tooLate) return null
  return `This phone’s clock is ${sayAge(Math.abs(offsetMs))} ${tooFar ? 'fast' : 'slow'}, and gates refuse its codes. Set date and time to automatic in the phone’s settings.`
}

/** Asked when the page is looked at and every minute after; null until there was an answer. */
export function useClockOffset(): number | null {
  const [offsetMs, setOffsetMs] = useState<number | null>(null)
  useEffect(() => {
    async function ask() {
      if (document.visibilityState === 'hidden') return
      const askedMs = Date.now()
      try {
        const answer = await fetch('/api/health', { cache: 'no-store' })
        const measured = clockOffset(answer.headers.get('date'), askedMs, Date.now())
        if (measured !== null) setOffsetMs(measured)
      } catch {
        // No network: the last measure stands.
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), AGAIN_MS)
    document.addEventListener('visibilitychange', ask)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [])
  return offsetMs
}
