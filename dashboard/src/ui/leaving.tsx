import { type ReactNode, useEffect } from 'react'
import { useBlocker } from 'react-router'
import { Button } from './button.tsx'
import { Acts, Dialog } from './dialog.tsx'

/** Asks before typed work is lost, within the page and when the window goes. */
export function Leaving({
  isChanged,
  title,
  children,
}: {
  readonly isChanged: boolean
  readonly title: string
  readonly children: ReactNode
}) {
  const blocker = useBlocker(isChanged)
  useEffect(() => {
    if (!isChanged) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isChanged])
  return (
    <Dialog open={blocker.state === 'blocked'} onClose={() => blocker.reset?.()} title={title}>
      <p>{children}</p>
      <Acts>
        <Button onClick={() => blocker.reset?.()}>Stay</Button>
        <Button tone="danger" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
      </Acts>
    </Dialog>
  )
}
