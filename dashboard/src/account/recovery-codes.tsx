import { Button } from '../ui/button.tsx'
import { Copy } from '../ui/copy.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Warning } from '../ui/notice.tsx'

/** Ten codes, shown once. */
export function RecoveryCodes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <Warning>
        These recovery codes are shown this once. Print them or write them down: each lets you in once when the device
        is lost.
      </Warning>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-1 rounded-6 bg-sunken p-3 font-mono text-13">
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Acts>
        <Copy text={codes.join('\n')} />
        <Button tone="primary" onClick={onClose}>
          I have kept them
        </Button>
      </Acts>
    </div>
  )
}
