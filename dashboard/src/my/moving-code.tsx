import { REDRAW_S } from '@gatehouse/shared/pass/proof.ts'
import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/notice.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { useNow } from '../ui/use-now.ts'
import { sayLastDay } from '../ui/when.ts'
import { type CodeForm, codeTime, drawCode, secondsLeft } from './code-time.ts'
import { signProof } from './phone-key.ts'
import type { PocketPass } from './pocket.ts'
import { useAwake } from './use-awake.ts'

const TICK_MS = 250

/** The code that moves: large, dark on white in both themes, with the seconds until the next one. The screen stays on. */
export function MovingCode({ pass }: { readonly pass: PocketPass }) {
  const [form, setForm] = useState<CodeForm>('short')
  const nowMs = useNow(TICK_MS)
  const code = useCode(pass, form, codeTime(nowMs))
  const left = secondsLeft(nowMs)
  useAwake()

  return (
    <section aria-label="Code" className="flex flex-col gap-3">
      <div className="rounded-6 bg-paper p-3 text-center text-ink">
        {code.is === 'drawn' ? (
          <QrCode digits={code.digits} name={`Code of pass ${pass.serial}`} />
        ) : (
          <div className="aspect-square w-full" />
        )}
        <p className="text-20 font-strong break-words">
          <bdi>{pass.holderName}</bdi>
        </p>
        <p className="text-14">
          <bdi>{pass.schoolName}</bdi> · pass {pass.serial} · until{' '}
          {sayLastDay(pass.expires, { timeZone: pass.timeZone })}
        </p>
        <progress
          aria-label="Time left of this code"
          value={left}
          max={REDRAW_S}
          className="mt-3 block h-1.5 w-full accent-ink"
        />
        <p className="figures mt-1 text-14">
          New code in {left} {left === 1 ? 'second' : 'seconds'}
        </p>
      </div>
      {code.is === 'broken' && <Problem error="This phone’s key could not be used. Bind the phone anew." />}
      <p className="text-13 text-muted">
        Refused as used already? Wait for the next code: <span className="figures">{left} s</span>.{' '}
        {form === 'short'
          ? 'Not known at the gate? Show the long code.'
          : 'This is the long code, for gates that do not know the pass yet.'}
      </p>
      <Button onClick={() => setForm(form === 'short' ? 'long' : 'short')}>
        {form === 'short' ? 'Show the long code' : 'Show the short code'}
      </Button>
    </section>
  )
}

type Code = { readonly is: 'coming' } | { readonly is: 'drawn'; readonly digits: string } | { readonly is: 'broken' }

/** The code of this moment; `broken` where the key does not sign. */
function useCode(pass: PocketPass, form: CodeForm, tS: number): Code {
  const [code, setCode] = useState<Code>({ is: 'coming' })
  useEffect(() => {
    let current = true
    drawCode(pass, form, tS, (passId, at) => signProof(pass.privateKey, passId, at)).then(
      digits => current && setCode({ is: 'drawn', digits }),
      () => current && setCode({ is: 'broken' }),
    )
    return () => {
      current = false
    }
  }, [pass, form, tS])
  return code
}
