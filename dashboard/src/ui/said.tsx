import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'
import { Button, IconButton } from './button.tsx'

/** What was done, in a few words, with the way back where there is one. */
export type Said = { readonly text: string; readonly undo?: () => void }

const SAID_MS = 8000

const SaidContext = createContext<(said: Said) => void>(() => {})

/** Says that something was done, at the foot of the page and to screen readers. */
export function useSay(): (said: Said) => void {
  return useContext(SaidContext)
}

export function SaidProvider({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState<Said | null>(null)
  const say = useCallback((next: Said) => setSaid(next), [])

  useEffect(() => {
    if (said === null) return
    const timer = setTimeout(() => setSaid(null), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])

  return (
    <SaidContext value={say}>
      {children}
      <div
        role="status"
        data-print-not
        className="pointer-events-none fixed inset-x-0 bottom-16 z-50 flex justify-center px-4 md:bottom-6"
      >
        {said && (
          <div className="panel pointer-events-auto flex items-center gap-3 py-1 pr-1 pl-4 shadow-float">
            {said.text}
            {said.undo && (
              <Button
                tone="quiet"
                className="font-medium text-accent"
                onClick={() => {
                  said.undo?.()
                  setSaid(null)
                }}
              >
                Undo
              </Button>
            )}
            <IconButton name="Close" icon="close" onClick={() => setSaid(null)} />
          </div>
        )}
      </div>
    </SaidContext>
  )
}
