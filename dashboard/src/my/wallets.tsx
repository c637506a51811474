import type { MyPass } from '@gatehouse/shared/wire/api/my.ts'
import { listWallets, myApplePass, myGoogleCard } from '@gatehouse/shared/wire/api/wallets.ts'
import { useAsk, useDo, useSave } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/notice.tsx'

/** The phone's own wallet, where the school's service is set up for it. */
export function Wallets({ pass }: { readonly pass: MyPass }) {
  const wallets = useAsk(listWallets, {})
  const apple = useSave(myApplePass)
  const google = useDo(myGoogleCard)
  const params = { passId: pass.passId }
  const has = wallets.data?.data
  if (!has?.apple && !has?.google) return null

  const toGoogle = () => google.mutate({ params }, { onSuccess: ({ saveUrl }) => window.location.assign(saveUrl) })
  return (
    <div className="flex flex-col gap-3">
      {has.apple && (
        <Button busy={apple.isPending && 'Making the pass …'} onClick={() => apple.mutate({ params })}>
          Add to Apple Wallet
        </Button>
      )}
      {has.google && (
        <Button busy={google.isPending && 'Making the pass …'} onClick={toGoogle}>
          Add to Google Wallet
        </Button>
      )}
      <Problem error={apple.error ?? google.error} />
    </div>
  )
}
