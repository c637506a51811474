import { bindDevice, type MyPass } from '@gatehouse/shared/wire/api/my.ts'
import { useState } from 'react'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession, useUser } from '../api/session-context.ts'
import { bindingOf, makePhoneKey, pointOf } from './phone-key.ts'
import { keepPass, type PocketPass } from './pocket.ts'

export type Binding = {
  readonly bind: (passId: string) => Promise<void>
  readonly busy: boolean
  /** Why it did not come to be, as a sentence. */
  readonly problem: string | null
}

/** Makes a key, shows the cloud that it is held, and keeps it with the certificate. A phone that dies in between is bound anew. */
export function useBinding(onBound: () => Promise<unknown>): Binding {
  const { client } = useBrowserSession()
  const { id: userId, school } = useUser()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function bind(passId: string) {
    setBusy(true)
    setProblem(null)
    try {
      const keys = await makePhoneKey()
      const point = await pointOf(keys)
      const body = await bindingOf(keys, passId, Math.floor(Date.now() / 1000))
      const answer = await client.call(bindDevice, { params: { passId }, body })
      if (!answer.ok) return setProblem(sayFailure(answer.failure))
      await keepPass(
        pocketPass(answer.data, { userId, point, privateKey: keys.privateKey, timeZone: school!.timeZone }),
      )
      // What is not asked for may be emptied when the phone runs full.
      await navigator.storage?.persist?.().catch(() => false)
      await onBound()
    } catch {
      setProblem(
        'This browser keeps no keys: private windows and blocked site data do not. Open the page in an ordinary window and bind the phone there.',
      )
    } finally {
      setBusy(false)
    }
  }
  return { bind, busy, problem }
}

export function pocketPass(
  { passId, device, serial, holderName, schoolName, notBefore, expires }: MyPass,
  own: Pick<PocketPass, 'userId' | 'privateKey' | 'point' | 'timeZone'>,
): PocketPass {
  return { ...own, passId, certificate: device!.certificate, serial, holderName, schoolName, notBefore, expires }
}
