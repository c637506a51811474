import { z } from 'zod'
import { PassId } from '../../list/snapshot.ts'
import { route } from '../contract.ts'
import { ApiFile } from './envelope.ts'

const params = z.object({ passId: PassId })

/** What adds a pass to Google Wallet. The address holds the key of the pass's moving code: it is for the holder alone. */
export const GoogleCard = z.object({ saveUrl: z.url() })
export type GoogleCard = z.infer<typeof GoogleCard>

/** Which wallets the operator of the service has set up. */
export const listWallets = route({
  method: 'get',
  path: '/wallets',
  can: 'signed-in',
  summary: 'Which wallets a pass can be put into.',
  data: z.object({ apple: z.boolean(), google: z.boolean() }),
})

export const applePass = route({
  method: 'get',
  path: '/passes/:passId/apple-wallet',
  can: 'pass:create',
  summary: 'A pass for Apple Wallet. It shows the code that does not move.',
  params,
  data: ApiFile,
  file: 'application/vnd.apple.pkpass',
})

export const googleCard = route({
  method: 'get',
  path: '/passes/:passId/google-wallet',
  can: 'pass:create',
  summary: 'The address that adds a pass to Google Wallet, with a code that moves.',
  params,
  data: GoogleCard,
})

export const myApplePass = route({
  method: 'get',
  path: '/my/passes/:passId/apple-wallet',
  can: 'my:read',
  summary: 'My pass for Apple Wallet.',
  params,
  data: ApiFile,
  file: 'application/vnd.apple.pkpass',
})

export const myGoogleCard = route({
  method: 'get',
  path: '/my/passes/:passId/google-wallet',
  can: 'my:read',
  summary: 'The address that adds my pass to Google Wallet.',
  params,
  data: GoogleCard,
})
