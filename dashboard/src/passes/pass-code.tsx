import { type Pass, passCode } from '@gatehouse/shared/wire/api/passes.ts'
import { printPass, printPassPicture } from '@gatehouse/shared/wire/api/printing.ts'
import { useAsk, useSave } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed, Problem } from '../ui/notice.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay } from '../ui/when.ts'

/** The code of a pass, to show and to print. */
export function PassCode({
  pass,
  open,
  onClose,
}: {
  readonly pass: Pass
  readonly open: boolean
  readonly onClose: () => void
}) {
  const code = useAsk(passCode, { params: { passId: pass.passId } }, { enabled: open })
  const zone = useZone()
  const params = { passId: pass.passId }
  const paper = useSave(printPass)
  const picture = useSave(printPassPicture)
  const boxes = (paper.data ?? picture.data)?.undrawn ?? []
  return (
    <Dialog open={open} onClose={onClose} title={`Code of pass ${pass.serial}`}>
      {code.isPending && <div className="wait aspect-square w-full bg-sunken" />}
      {code.isError && <Failed error={code.error} retry={() => void code.refetch()} />}
      {code.data && (
        <div data-print className="mx-auto max-w-[360px] rounded-6 bg-paper p-4 text-center text-ink">
          <QrCode digits={code.data.data.digits} name={`Code of pass ${pass.serial}`} />
          <p className="text-20 font-strong break-words">
            <bdi>{code.data.data.holderName}</bdi>
          </p>
          <p>
            Pass {code.data.data.serial} · until {sayLastDay(code.data.data.expires, zone)}
          </p>
        </div>
      )}
      <div data-print-not>
        <p className="mt-4 text-13 text-muted">Who has this code can enter with it. Give it to its holder only.</p>
        <Acts>
          <Button onClick={onClose}>Close</Button>
          <Button icon="print" disabled={!code.data} onClick={() => window.print()}>
            Print the code
          </Button>
          <Button icon="download" busy={picture.isPending && 'Drawing …'} onClick={() => picture.mutate({ params })}>
            Card as picture
          </Button>
          <Button
            tone="primary"
            icon="download"
            busy={paper.isPending && 'Drawing …'}
            onClick={() => paper.mutate({ params })}
          >
            Card as PDF
          </Button>
        </Acts>
        <Problem error={paper.error ?? picture.error} />
        {boxes.length > 0 && (
          <p role="status" className="mt-3 text-13">
            No font here has {boxes.join(' ')}: a box stands for it on the card.
          </p>
        )}
      </div>
    </Dialog>
  )
}
