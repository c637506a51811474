import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { openAppleWallet } from './apple-wallet.ts'
import { openGoogleWallet } from './google-wallet.ts'
import type { Wallets } from './wallet.routes.ts'

/** What Google's console gives for a service account; the rest of the file is not needed. */
const Account = z.object({ client_email: z.email(), private_key: z.string().startsWith('-----BEGIN PRIVATE KEY-----') })

/** The wallets that the configuration sets up. Throws where a file is missing or is something else: at start, not at the first pass. */
export function openWallets({ appleWallet, googleWallet }: Pick<Config, 'appleWallet' | 'googleWallet'>): Wallets {
  return {
    apple: appleWallet && openAppleWallet(appleCredentials(appleWallet)),
    google: googleWallet && openGoogleWallet(googleCredentials(googleWallet)),
  }
}

function appleCredentials(files: NonNullable<Config['appleWallet']>) {
  const { certificateFile, keyFile, keyPassphrase, authorityFile, passType, team } = files
  const key = readFileSync(keyFile, 'utf8')
  try {
    createPrivateKey({ key, ...(keyPassphrase !== null && { passphrase: keyPassphrase }) })
  } catch {
    throw new Error(`${keyFile} holds no key that APPLE_WALLET_KEY_PASSPHRASE opens`)
  }
  return { passType, team, keyPassphrase, key, certificate: pem(certificateFile), authority: pem(authorityFile) }
}

function pem(file: string): string {
  const text = readFileSync(file, 'utf8')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Error(`${file} is no PEM certificate: Apple gives DER; openssl x509 -inform der -in FILE turns it`)
  }
  return text
}

function googleCredentials({ issuer, accountFile }: NonNullable<Config['googleWallet']>) {
  const read = Account.safeParse(JSON.parse(readFileSync(accountFile, 'utf8')))
  if (!read.success) throw new Error(`${accountFile} is no key file of a service account: make one of type JSON`)
  return { issuer, email: read.data.client_email, privateKey: read.data.private_key }
}
