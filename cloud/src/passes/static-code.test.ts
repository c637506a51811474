import { createHash, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decodeBody } from '@gatehouse/shared/pass/body.ts'
import { expect, test } from 'vitest'
import { signer } from '../keys/school-keys.ts'
import { staticCode } from './static-code.ts'

const vectors = JSON.parse(readFileSync(new URL('../../../shared/vectors/passes.json', import.meta.url), 'utf8'))

test('the code of a pass is the one of the vectors, digit for digit', async () => {
  const seed = createHash('sha256').update('gatehouse-test-only:issuer-7').digest()
  expect(seed.toString('hex')).toBe(vectors.keys.issuer7.seed)
  const { x } = vectors.keys.issuer7.jwk
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d: seed.toString('base64url') }, format: 'jwk' })
  const body = decodeBody(Buffer.from(vectors.static.body, 'hex'))
  if (!body.ok) throw new Error('the vector has no body')
  const { type: _type, kid: _kid, ...pass } = body.value
  const issuer = signer('test-campus/pass/7', 7, key)
  expect(await staticCode(issuer, pass)).toBe(vectors.static.digits)
})
