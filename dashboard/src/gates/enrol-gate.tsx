import { createEnrolmentCode, type Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'

/** Makes a one-time code and shows what to type at the mini-PC. */
export function EnrolGate({
  gate,
  open,
  onClose,
}: {
  readonly gate: Gate
  readonly open: boolean
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={`Enrol a mini-PC as ${gate.name}`} wide>
      <Steps gate={gate} onClose={onClose} />
    </Dialog>
  )
}

function Steps({ gate, onClose }: { readonly gate: Gate; readonly onClose: () => void }) {
  const make = useDo(createEnrolmentCode)
  const makeCode = () => make.mutate({ params: { gateId: gate.gateId } })

  if (make.data) return <Code {...make.data} again={makeCode} onClose={onClose} />
  return (
    <div className="flex flex-col gap-4">
      <p>
        A code lets one mini-PC become this gate. It holds for 15 minutes and 5 tries, and works once. An earlier code
        of this gate ends.
      </p>
      {gate.enrolled && (
        <Warning>1 mini-PC is enrolled as this gate now. It is cut off as soon as another one uses the code.</Warning>
      )}
      <Problem error={make.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" icon="key" onClick={makeCode} busy={make.isPending && 'Making …'}>
          Make a code
        </Button>
      </Acts>
    </div>
  )
}

function Code({
  code,
  expiresAt,
  again,
  onClose,
}: {
  readonly code: string
  readonly expiresAt: string
  readonly again: () => void
  readonly onClose: () => void
}) {
  const leftS = Math.max(0, Math.floor((Date.parse(expiresAt) - useNow()) / 1000))
  const command = `./gatehouse gateway enrol --cloud ${window.location.origin} --code ${code}`

  if (leftS === 0) {
    return (
      <div className="flex flex-col gap-4">
        <Warning>This code has run out.</Warning>
        <Acts>
          <Button tone="primary" onClick={again}>
            Make another
          </Button>
        </Acts>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <div>
        <p className="text-13 text-muted">The code</p>
        <p className="font-mono text-28 font-strong tracking-wide break-all">{code}</p>
        <p>
          runs out in {Math.floor(leftS / 60)}:{String(leftS % 60).padStart(2, '0')}
        </p>
      </div>
      <div>
        <p className="mb-1 text-13 text-muted">Type this at the mini-PC, in the folder of Gatehouse</p>
        <div className="flex items-start gap-2 rounded-6 bg-sunken p-3">
          <code className="min-w-0 flex-1 font-mono text-13 break-all">{command}</code>
          <Copy text={command} />
        </div>
      </div>
      <p className="text-13 text-muted">
        The gate shows as online here as soon as it runs. Close this when it does; the code is not shown again.
      </p>
      <Acts>
        <Button onClick={onClose}>Close</Button>
      </Acts>
    </div>
  )
}
