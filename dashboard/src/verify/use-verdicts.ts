import { verifyPass } from '@gatehouse/shared/wire/api/passes.ts'
import { useEffect, useReducer } from 'react'
import type { Answer } from '../api/client.ts'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { type Happening, type Look, OPEN_SHOWN_MS, START, step, type Verdict } from './looking.ts'

/** Asks the service about each code once; `gateId` null asks whether it opens anywhere. */
export function useVerdicts(gateId: string | null): readonly [Look, (happening: Happening) => void] {
  const { client } = useBrowserSession()
  const [look, happen] = useReducer(step, START)
  const digits = look.is === 'asking' ? look.digits : null
  const sinceMs = look.is === 'answered' ? look.sinceMs : null

  useEffect(() => {
    if (digits === null) return
    const ended = new AbortController()
    const body = { digits, ...(gateId !== null && { gateId }) }
    const told = (answer: Answer<Verdict>) => {
      if (ended.signal.aborted) return
      const atMs = Date.now()
      happen(
        answer.ok
          ? { what: 'verdict', digits, verdict: answer.data, atMs }
          : { what: 'no_verdict', digits, sentence: sayFailure(answer.failure), atMs },
      )
    }
    // What fails here was given up by ourselves, and nobody waits for it.
    client.call(verifyPass, { body }, ended.signal).then(told, () => {})
    return () => ended.abort()
  }, [client, digits, gateId])

  useEffect(() => {
    if (sinceMs === null) return
    const timer = setTimeout(
      () => happen({ what: 'time_passed', atMs: Date.now() }),
      sinceMs + OPEN_SHOWN_MS - Date.now() + 1,
    )
    return () => clearTimeout(timer)
  }, [sinceMs])

  return [look, happen]
}
