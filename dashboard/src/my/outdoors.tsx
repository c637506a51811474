import { useEffect } from 'react'
import { Opening, useResume } from '../frame/resuming.tsx'
import { passOfLastPerson } from './last-person.ts'
import { MovingCode } from './moving-code.tsx'
import { usePocket } from './use-pocket.ts'

/**
 * The code of whoever signed in on this phone last, while nobody has answered who is signed in: with no network the phone is all there is.
 * Whoever signed out here is known to be signed out, and sees the sign-in page instead.
 */
export function Outdoors() {
  const late = useResume()
  const { passes } = usePocket()
  const pass = passOfLastPerson(passes ?? [])

  useEffect(() => {
    document.title = 'My pass · Gatehouse'
  }, [])

  if (pass === undefined || (!late && navigator.onLine)) return <Opening late={late} />
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[440px] flex-col gap-3 p-4">
      <h1 className="text-20 font-strong">My pass</h1>
      <MovingCode pass={pass} />
      <p role="status" className="text-13 text-muted">
        No answer from the service. Your code works at the gates without it.
      </p>
    </main>
  )
}
