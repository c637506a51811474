import { pushKey, subscribePush, unsubscribePush } from '@gatehouse/shared/wire/api/notifications.ts'
import { useEffect, useState } from 'react'
import { useBrowserSession } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { useSay } from '../ui/said.tsx'

const WORKER = '/push-worker.js'

/** Whether this browser shows what arrives while no page is open. Nothing where it cannot. */
export function PushSwitch() {
  const { client } = useBrowserSession()
  const subscribe = useDo(subscribePush)
  const unsubscribe = useDo(unsubscribePush)
  const say = useSay()
  const [isOn, setOn] = useState(false)
  const isAble = 'serviceWorker' in navigator && 'PushManager' in window
  useEffect(() => {
    if (!isAble) return
    void navigator.serviceWorker
      .getRegistration(WORKER)
      .then(async worker => setOn((await worker?.pushManager.getSubscription()) != null))
  }, [isAble])
  if (!isAble) return null

  async function turnOn() {
    const key = await client.call(pushKey, {})
    if (!key.ok) return say({ text: 'The service gave no key for push messages. Try again later.' })
    try {
      await navigator.serviceWorker.register(WORKER)
      const worker = await navigator.serviceWorker.ready
      const made = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: key.data.publicKey,
      })
      const { endpoint, keys } = made.toJSON()
      const { p256dh = '', auth = '' } = keys ?? {}
      await subscribe.mutateAsync({ body: { endpoint: endpoint ?? '', keys: { p256dh, auth } } })
      setOn(true)
    } catch {
      say({ text: 'This browser does not allow it. Allow notifications of this page in its settings.' })
    }
  }
  async function turnOff() {
    const worker = await navigator.serviceWorker.getRegistration(WORKER)
    await (await worker?.pushManager.getSubscription())?.unsubscribe()
    await unsubscribe.mutateAsync({})
    setOn(false)
  }
  return (
    <Button
      busy={(subscribe.isPending || unsubscribe.isPending) && 'Asking …'}
      onClick={() => void (isOn ? turnOff() : turnOn())}
    >
      {isOn ? 'No push in this browser' : 'Push in this browser'}
    </Button>
  )
}
