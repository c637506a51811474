import { useEffect, useState } from 'react'
import { useBrowserSession } from '../api/session-context.ts'

const RETRY_MS = 3000

/** Asks until it is known whether somebody is signed in. True: no answer came to the first try. */
export function useResume(): boolean {
  const { resume } = useBrowserSession()
  const [late, setLate] = useState(false)

  useEffect(() => {
    void resume()
    const timer = setInterval(() => {
      setLate(true)
      void resume()
    }, RETRY_MS)
    return () => clearInterval(timer)
  }, [resume])
  return late
}

/** Until it is known whether somebody is signed in: nothing for a moment, then why it takes so long. */
export function Resuming() {
  return <Opening late={useResume()} />
}

export function Opening({ late }: { readonly late: boolean }) {
  return (
    <main className="flex min-h-dvh items-center justify-center p-6 text-center">
      <h1 className="sr-only">Gatehouse</h1>
      <p role="status" className="max-w-sm text-muted">
        {late
          ? 'The service does not answer yet. This page keeps trying; the gates go on working without it.'
          : 'Opening …'}
      </p>
    </main>
  )
}
