import { useState } from 'react'
import { Button } from './button.tsx'

/** Copies, and says so; where the browser does not allow it (plain http), the text stands beside it to be selected. */
export function Copy({ text }: { readonly text: string }) {
  const [said, setSaid] = useState<'Copy' | 'Copied' | 'Select it by hand'>('Copy')
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('Select it by hand')
    }
  }
  return (
    <Button icon={said === 'Copied' ? 'check' : 'copy'} onClick={() => void copy()}>
      <span aria-live="polite">{said}</span>
    </Button>
  )
}
