import { createHmac } from 'node:crypto'
import encodeQR from 'qr'
import { codeOf } from '../../shared/src/pass/testing/test-campus.ts'
import { show } from './figures.ts'

/** How large each code is to a camera, beside the obvious one: a JSON object with its HMAC. Error correction M, no quiet zone. */
export async function run(): Promise<void> {
  const obvious = jsonWithHmac()
  const floor = modulesOf(obvious)
  const codes = Object.entries(codeOf).map(([type, make]) => ({ name: type.toUpperCase(), text: make() }))
  show(
    [{ name: 'JSON and HMAC', text: obvious }, ...codes].map(({ name, text }) => {
      const modules = modulesOf(text)
      const kind = /^\d+$/.test(text) ? 'digits' : 'bytes'
      return {
        name,
        figures: `${text.length} ${kind}, version ${(modules - 17) / 4}, ${modules}x${modules} modules`,
        ratio: modules / floor,
      }
    }),
  )
}

function modulesOf(text: string): number {
  return encodeQR(text, 'raw', { ecc: 'medium', border: 1 }).length - 2
}

/** What one would write without a format: who, what and until when, signed with a secret that every gate must have. */
function jsonWithHmac(): string {
  const said = {
    passId: '0197f3a2-8c1e-7d4b-9a56-3f0c2b7e9d11',
    studentId: '0197f3a1-11aa-7c3d-8e02-6b5a4c3d2e1f',
    studentName: 'Mai-Anh Nguyen',
    schoolId: 'hillside',
    gates: ['main', 'north', 'library'],
    validFrom: '2026-09-01T00:00:00Z',
    validUntil: '2027-07-31T22:00:00Z',
    issuedAt: '2026-08-31T09:12:44Z',
  }
  const signature = createHmac('sha256', 'a secret that every gate must have')
    .update(JSON.stringify(said))
    .digest('hex')
  return JSON.stringify({ ...said, signature })
}
