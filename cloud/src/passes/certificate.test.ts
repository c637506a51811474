import { createHash, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decodeBody } from '@gatehouse/shared/pass/body.ts'
import { expect, test } from 'vitest'
import { signer } from '../keys/school-keys.ts'
import { dynamicCertificate } from './certificate.ts'

const vectors = JSON.parse(readFileSync(new URL('../../../shared/vectors/passes.json', import.meta.url), 'utf8'))

test('the certificate of a phone is the one of the vectors, byte for byte', async () => {
  const seed = createHash('sha256').update('gatehouse-test-only:issuer-7').digest()
  const { x } = vectors.keys.issuer7.jwk
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d: seed.toString('base64url') }, format: 'jwk' })
  const body = decodeBody(Buffer.from(vectors.dynamic.cert, 'hex'))
  if (!body.ok) throw new Error('the vector has no body')
  const { type: _type, kid: _kid, ...pass } = body.value
  const issuer = signer('test-campus/pass/7', 7, key)
  const certificate = await dynamicCertificate(issuer, pass, vectors.keys.device1.compressed)
  expect(certificate).toBe(vectors.dynamic.cert + vectors.dynamic.issuerSignature)
})
