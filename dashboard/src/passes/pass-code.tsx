import { type Pass, passCode } from '@gatehouse/shared/wire/api/passes.ts'
import encodeQR from 'qr'
import { useMemo } from 'react'
import { useAsk } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay } from '../ui/when.ts'

/** ISO/IEC 18004 asks for four modules of white around a code. */
const QUIET_MODULES = 4

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
          <Button tone="primary" icon="print" disabled={!code.data} onClick={() => window.print()}>
            Print
          </Button>
        </Acts>
      </div>
    </Dialog>
  )
}

/** Dark on white in both themes: not every scanner reads a code the other way round. */
function QrCode({ digits, name }: { readonly digits: string; readonly name: string }) {
  const { path, modules } = useMemo(() => qrPath(digits), [digits])
  return (
    <svg
      role="img"
      aria-label={name}
      viewBox={`0 0 ${modules} ${modules}`}
      shapeRendering="crispEdges"
      className="w-full"
    >
      <path d={path} fill="#000" />
    </svg>
  )
}

/** Error correction M; digits go as digits, three in ten bits. */
export function qrPath(digits: string): { readonly path: string; readonly modules: number } {
  const rows = encodeQR(digits, 'raw', { ecc: 'medium', border: QUIET_MODULES })
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return { path, modules: rows.length }
}
