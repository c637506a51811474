import 'reflect-metadata'
import { createPrivateKey, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { AppleCredentials } from '../apple-wallet.ts'

/** An authority that signs pass types as Apple's does: an intermediate certificate, and one that it signed. */
export async function appleAuthority(passphrase: string | null = null): Promise<AppleCredentials> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const [ours, theirs] = [await keys(), await keys()]
  const dates = { notBefore: new Date('2026-01-01'), notAfter: new Date('2046-01-01'), signingAlgorithm: algorithm }
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber: '01',
    name: 'CN=Worldwide Relations, O=Test Authority',
    keys: ours,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  const certificate = await x509.X509CertificateGenerator.create({
    ...dates,
    serialNumber: '02',
    subject: 'CN=Pass Type ID: pass.example.hillside, OU=TEAM123456',
    issuer: authority.subject,
    publicKey: theirs.publicKey,
    signingKey: ours.privateKey,
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', theirs.privateKey))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    passType: 'pass.example.hillside',
    team: 'TEAM123456',
    authority: authority.toString('pem'),
    certificate: certificate.toString('pem'),
    key: key.export({
      format: 'pem',
      type: 'pkcs8',
      ...(passphrase !== null && { cipher: 'aes-256-cbc', passphrase }),
    }) as string,
    keyPassphrase: passphrase,
  }
}
