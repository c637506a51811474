import { createPrivateKey } from 'node:crypto'
import { TOTP_STEP_S } from '@gatehouse/shared/pass/totp.ts'
import { SignJWT } from 'jose'

export type GoogleCredentials = {
  /** The issuer's number at Google. */
  readonly issuer: string
  /** Of the service account: its e-mail and its RSA key, PEM. */
  readonly email: string
  readonly privateKey: string
}

export type GoogleCardOf = {
  readonly tenant: string
  readonly passId: string
  readonly serial: number
  readonly holderName: string
  readonly schoolName: string
  readonly kind: string
  readonly notBefore: Date
  readonly expires: Date
  /** GHP1 TOTP without its tail, 226 digits. */
  readonly prefix: string
  /** `totpKey` of the pass, 20 bytes. */
  readonly key: Uint8Array
}

export type GoogleWallet = { saveUrl(card: GoogleCardOf, nowMs: number): Promise<string> }

/**
 * Makes addresses that add a pass to Google Wallet. All of the pass is in the address, signed by the service account: nothing is sent
 * to Google from here, and it works as soon as the holder opens it.
 */
export function openGoogleWallet({ issuer, email, privateKey }: GoogleCredentials): GoogleWallet {
  const key = createPrivateKey(privateKey)
  return {
    async saveUrl(card, nowMs) {
      const object = genericObject(issuer, card)
      const jwt = await new SignJWT({
        typ: 'savetowallet',
        origins: [],
        payload: { genericClasses: [{ id: object.classId }], genericObjects: [object] },
      })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
        .setIssuer(email)
        .setAudience('google')
        .setIssuedAt(Math.floor(nowMs / 1000))
        .sign(key)
      return `https://pay.google.com/gp/v/save/${jwt}`
    },
  }
}

/** A GenericObject of the Google Wallet API, with a barcode that Google turns every half minute without a network. */
export function genericObject(issuer: string, card: GoogleCardOf) {
  const { tenant, passId, serial, holderName, schoolName, kind, notBefore, expires, prefix, key } = card
  const said = (value: string) => ({ defaultValue: { language: 'en', value } })
  return {
    id: `${issuer}.${tenant}-${passId}`,
    classId: `${issuer}.${tenant}`,
    state: 'ACTIVE',
    cardTitle: said(schoolName),
    header: said(holderName),
    subheader: said(`${kind} ${serial}`),
    hexBackgroundColor: '#0b3d7a',
    validTimeInterval: { start: { date: notBefore.toISOString() }, end: { date: expires.toISOString() } },
    rotatingBarcode: {
      type: 'QR_CODE',
      valuePattern: `${prefix}{totp_timestamp_seconds}{totp_value_0}`,
      alternateText: `Pass ${serial}`,
      totpDetails: {
        periodMillis: String(TOTP_STEP_S * 1000),
        algorithm: 'TOTP_SHA1',
        parameters: [{ key: Buffer.from(key).toString('hex'), valueLength: 8 }],
      },
    },
  } as const
}
