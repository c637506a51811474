import { ascii, fromHex, toBase64url, toHex, utf8 } from '@gatehouse/shared/bytes.ts'
import { proofSigningInput } from '@gatehouse/shared/pass/proof.ts'
import { BINDING_TYP } from '@gatehouse/shared/wire/api/my.ts'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

export type PublicKey = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

/** Whether this browser makes keys here: only over https, or on the machine itself. */
export function canMakeKeys(): boolean {
  return window.isSecureContext && crypto.subtle !== undefined && 'indexedDB' in window
}

/** The phone's key. Not extractable: this page can sign with it, and nothing, not even this page, can take it away. */
export function makePhoneKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ['sign'])
}

/** The proof of this moment, raw r, s. */
export function signProof(key: CryptoKey, passId: string, tS: number): Promise<Uint8Array> {
  return sign(key, proofSigningInput(fromHex(passId)!, tS))
}

/** What the cloud is shown when the phone is bound: the public half, and a JWS that it was signed by the other. */
export async function bindingOf(
  { privateKey, publicKey }: CryptoKeyPair,
  passId: string,
  nowS: number,
): Promise<{ readonly publicKey: PublicKey; readonly proof: string }> {
  const { x, y } = (await crypto.subtle.exportKey('jwk', publicKey)) as { x: string; y: string }
  const said = [
    { alg: 'ES256', typ: BINDING_TYP },
    { passId, publicKey: { x, y }, iat: nowS },
  ]
  const input = said.map(part => toBase64url(utf8(JSON.stringify(part)))).join('.')
  const signature = await sign(privateKey, ascii(input))
  return { publicKey: { kty: 'EC', crv: 'P-256', x, y }, proof: `${input}.${toBase64url(signature)}` }
}

/** Compressed, as the cloud tells whose phone is bound (SEC 1 section 2.3.3). */
export async function pointOf({ publicKey }: CryptoKeyPair): Promise<string> {
  // 0x04, x, y
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  return `0${2 + (raw.at(-1)! & 1)}${toHex(raw.subarray(1, 33))}`
}

async function sign(key: CryptoKey, input: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, key, new Uint8Array(input)))
}
