import { hkdfSync } from 'node:crypto'
import { totpKey } from '@gatehouse/shared/pass/totp.ts'
import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import {
  applePass,
  type GoogleCard,
  googleCard,
  listWallets,
  myApplePass,
  myGoogleCard,
} from '@gatehouse/shared/wire/api/wallets.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { type Signer, signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { findOwnPass } from '../passes/device-keys.repo.ts'
import { KIND_WORDS, sayDay } from '../passes/pass-card.ts'
import { aboutPass, findPass, type PassRow } from '../passes/passes.repo.ts'
import { NOT_PRINTABLE, notPrintable } from '../passes/printable.ts'
import { certificateOf, staticCode, totpPrefixOf } from '../passes/static-code.ts'
import type { Fonts } from '../printing/fonts.ts'
import { FIRST_SCOPE, totpSecretOf } from '../schools/schools.repo.ts'
import { timeZoneOf } from '../schools/time-zone.ts'
import { nameOf } from '../students/name.ts'
import { applePictures } from './apple-pictures.ts'
import type { AppleWallet } from './apple-wallet.ts'
import type { GoogleWallet } from './google-wallet.ts'

export type Wallets = { readonly apple: AppleWallet | null; readonly google: GoogleWallet | null }

export type WalletRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly fonts: Fonts
  readonly wallets: Wallets
  readonly nowMs: () => number
}

const PROBLEMS = {
  no_such_pass: { status: 404, code: 'not_found', message: 'There is no pass with that id.' },
  apple_wallet_not_configured: {
    status: 409,
    code: 'apple_wallet_not_configured',
    message:
      'Apple Wallet is not set up here. Whoever runs the service sets APPLE_WALLET_CERTIFICATE, APPLE_WALLET_KEY, APPLE_WALLET_AUTHORITY, APPLE_WALLET_PASS_TYPE and APPLE_WALLET_TEAM.',
  },
  google_wallet_not_configured: {
    status: 409,
    code: 'google_wallet_not_configured',
    message:
      'Google Wallet is not set up here. Whoever runs the service sets GOOGLE_WALLET_ISSUER and GOOGLE_WALLET_ACCOUNT.',
  },
} satisfies Record<string, Problem>

type Find = (tx: Tx, who: SchoolPerson, passId: string) => Promise<PassRow | undefined>
type Made<Data> = Promise<{ data: Data } | { problem: Problem }>

const ofSchool: Find = (tx, _who, passId) => findPass(tx, passId)
const ofOneself: Find = (tx, who, passId) => findOwnPass(tx, who.userId, passId)

/** Passes in the wallets of phones: by the office, and by students for their own. */
export function walletRoutes(routes: Binder, { db, vault, fonts, wallets, nowMs }: WalletRoutesNeeds): void {
  routes.own(listWallets, async () => ({ data: { apple: wallets.apple !== null, google: wallets.google !== null } }))

  routes.inSchool(applePass, ({ params: { passId }, who }) => apple(who, passId, ofSchool))
  routes.inSchool(myApplePass, ({ params: { passId }, who }) => apple(who, passId, ofOneself))
  routes.inSchool(googleCard, ({ params: { passId }, who }) => google(who, passId, ofSchool))
  routes.inSchool(myGoogleCard, ({ params: { passId }, who }) => google(who, passId, ofOneself))

  async function apple(who: SchoolPerson, passId: string, find: Find): Made<ApiFile> {
    const wallet = wallets.apple
    if (wallet === null) return { problem: PROBLEMS.apple_wallet_not_configured }
    const asked = await inSchool(db, who.school.id, async tx => {
      const row = await find(tx, who, passId)
      if (row === undefined) return { problem: PROBLEMS.no_such_pass }
      const reason = notPrintable(row, nowMs())
      if (reason !== null) return { problem: NOT_PRINTABLE[reason] }
      await audit(tx, actorOf(who, nowMs()), {
        action: 'pass.to_wallet',
        ...aboutPass(row),
        after: { wallet: 'apple' },
      })
      return {
        row,
        zone: await timeZoneOf(tx, who.school.id),
        digits: await staticCode(await passSigner(tx, who), certificateOf(row)),
      }
    })
    if ('problem' in asked) return { problem: asked.problem }
    const { row, zone, digits } = asked
    const bytes = wallet.pkpass({
      ...words(row, who),
      until: sayDay(row.expires.getTime() - 1, zone),
      expires: row.expires,
      digits,
      pictures: await applePictures(fonts, who.school.name),
    })
    return { data: { name: `pass-${row.serial}.pkpass`, bytes } }
  }

  async function google(who: SchoolPerson, passId: string, find: Find): Made<GoogleCard> {
    const wallet = wallets.google
    if (wallet === null) return { problem: PROBLEMS.google_wallet_not_configured }
    const asked = await inSchool(db, who.school.id, async tx => {
      const row = await find(tx, who, passId)
      if (row === undefined) return { problem: PROBLEMS.no_such_pass }
      const reason = notPrintable(row, nowMs())
      // This code moves, so a pass that opens with moving codes only may have it.
      if (reason !== null && reason !== 'phone_only') return { problem: NOT_PRINTABLE[reason] }
      const { id: schoolId, tenant } = who.school
      const secret = await totpSecretOf(tx, vault, { schoolId, tenant, scope: FIRST_SCOPE })
      const prefix = await totpPrefixOf(await passSigner(tx, who), certificateOf(row))
      await audit(tx, actorOf(who, nowMs()), {
        action: 'pass.to_wallet',
        ...aboutPass(row),
        after: { wallet: 'google' },
      })
      return { row, prefix, key: totpKey(hkdfSha256, secret, row.pass_id) }
    })
    if ('problem' in asked) return { problem: asked.problem }
    const { row, prefix, key } = asked
    const card = {
      ...words(row, who),
      tenant: who.school.tenant,
      notBefore: row.not_before,
      expires: row.expires,
      prefix,
      key,
    }
    return { data: { saveUrl: await wallet.saveUrl(card, nowMs()) } }
  }

  function passSigner(tx: Tx, { school: { id: schoolId, tenant } }: SchoolPerson): Promise<Signer> {
    return signerOf(tx, vault, { schoolId, tenant }, 'pass')
  }
}

function words(row: PassRow, who: SchoolPerson) {
  return {
    passId: row.pass_id,
    serial: Number(row.serial),
    holderName: nameOf(row),
    schoolName: who.school.name,
    kind: KIND_WORDS[row.class],
  }
}

const hkdfSha256 = (secret: Uint8Array, info: Uint8Array, bytes: number) =>
  new Uint8Array(hkdfSync('sha256', secret, '', info, bytes))
