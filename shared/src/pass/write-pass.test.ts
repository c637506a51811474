import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { concat, fromHex } from '../bytes.ts'
import { dynamicDigits, referenceDigits } from './write-pass.ts'

const { dynamic, reference } = JSON.parse(readFileSync(new URL('../../vectors/passes.json', import.meta.url), 'utf8'))
const PASS_ID = '92ac63853fc0633b'
const proof = { tS: dynamic.t as number, signature: fromHex(dynamic.deviceSignature)! }
const certificate = concat(fromHex(dynamic.cert)!, fromHex(dynamic.issuerSignature)!)

test('a reference is the one of the vectors, digit for digit', () => {
  expect(referenceDigits(PASS_ID, proof)).toBe(reference.digits)
})

test('a dynamic pass is the one of the vectors, digit for digit', () => {
  expect(dynamicDigits(certificate, proof)).toBe(dynamic.digits)
})

test('what cannot be a code is never drawn', () => {
  expect(() => referenceDigits('92ac', proof)).toThrow('16 hexadecimal')
  expect(() => referenceDigits(PASS_ID, { ...proof, signature: new Uint8Array(63) })).toThrow('64 bytes')
  expect(() => dynamicDigits(certificate.subarray(1), proof)).toThrow('127 bytes')
  expect(() => dynamicDigits(concat(Uint8Array.of(0x11), certificate.subarray(1)), proof)).toThrow('0x12')
})
