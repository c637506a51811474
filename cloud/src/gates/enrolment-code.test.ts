import { expect, test } from 'vitest'
import { newEnrolmentCode, readEnrolmentCode, spoken } from './enrolment-code.ts'

test('a code is read back as it was spoken', () => {
  for (let round = 0; round < 200; round++) {
    const code = newEnrolmentCode()
    expect(readEnrolmentCode(spoken(code))).toEqual(code)
    expect(readEnrolmentCode(spoken(code).toLowerCase().replaceAll('-', ' '))).toEqual(code)
  }
})

test('letters that look like digits are those digits', () => {
  expect(readEnrolmentCode('oOiI-lL00-0000')).toEqual({ selector: '0011', secret: '11000000' })
})

for (const wrong of ['', '1234', '1234-5678-901', '1234-5678-9012-3', '1234-5678-901U', '1234-5678-901%']) {
  test(`"${wrong}" is no code`, () => expect(readEnrolmentCode(wrong)).toBe(null))
}
