import { fromHex } from '@gatehouse/shared/bytes.ts'
import { PROOF_AGE_S, proofAge } from '@gatehouse/shared/pass/proof.ts'
import { expect, test } from 'vitest'
import vectors from '../../../shared/vectors/passes.json'
import { codeTime, drawCode, secondsLeft } from './code-time.ts'

const { cert, issuerSignature, deviceSignature, t } = vectors.dynamic
const pass = { passId: '92ac63853fc0633b', certificate: cert + issuerSignature }
const sign = async () => fromHex(deviceSignature)!

test('both forms are those of the vectors, digit for digit', async () => {
  expect(await drawCode(pass, 'short', t, sign)).toBe(vectors.reference.digits)
  expect(await drawCode(pass, 'long', t, sign)).toBe(vectors.dynamic.digits)
})

test('a code stands for 15 seconds, and the next one is later', () => {
  const at = 1_790_000_010_000
  expect(codeTime(at)).toBe(1_790_000_010)
  expect(codeTime(at + 14_999)).toBe(1_790_000_010)
  expect(codeTime(at + 15_000)).toBe(1_790_000_025)
  expect([0, 1, 14_000, 14_999, 15_000].map(ms => secondsLeft(at + ms))).toEqual([15, 15, 1, 1, 15])
})

test('whatever is on the screen is fresh, and its screenshot is dead 45 seconds later', () => {
  for (let ms = 0; ms < 30_000; ms += 250) {
    const atMs = 1_790_000_000_000 + ms
    const nowS = Math.floor(atMs / 1000)
    expect(proofAge(codeTime(atMs), nowS)).toBe('fresh')
    expect(proofAge(codeTime(atMs), nowS + PROOF_AGE_S.most + 1)).toBe('stale_proof')
  }
})
