import { type MyPass, myPassCode } from '@gatehouse/shared/wire/api/my.ts'
import { useState } from 'react'
import { useAsk } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed } from '../ui/notice.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay } from '../ui/when.ts'

/** The code that does not move, for who would rather carry paper. */
export function PrintedCode({ pass }: { readonly pass: MyPass }) {
  const [open, setOpen] = useState(false)
  const code = useAsk(myPassCode, { params: { passId: pass.passId } }, { enabled: open })
  const zone = useZone()
  return (
    <>
      <Button icon="print" onClick={() => setOpen(true)}>
        Print a code
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Printed code of pass ${pass.serial}`}>
        {code.isPending && <div className="wait aspect-square w-full bg-sunken" />}
        {code.isError && <Failed error={code.error} retry={() => void code.refetch()} />}
        {code.data && (
          <div data-print className="mx-auto max-w-[360px] rounded-6 bg-paper p-4 text-center text-ink">
            <QrCode digits={code.data.data.digits} name={`Printed code of pass ${pass.serial}`} />
            <p className="text-20 font-strong break-words">
              <bdi>{pass.holderName}</bdi>
            </p>
            <p>
              Pass {pass.serial} · until {sayLastDay(pass.expires, zone)}
            </p>
          </div>
        )}
        <div data-print-not>
          <p className="mt-4 text-13 text-muted">
            Who has this code can enter with it, and gates may ask for the phone instead. Another phone bound makes it
            worthless.
          </p>
          <Acts>
            <Button onClick={() => setOpen(false)}>Close</Button>
            <Button tone="primary" icon="print" disabled={!code.data} onClick={() => window.print()}>
              Print
            </Button>
          </Acts>
        </div>
      </Dialog>
    </>
  )
}
