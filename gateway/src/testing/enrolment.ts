import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { COMMAND_TYP, type Command, type EnrolmentKey } from '@gatehouse/shared/command/command.ts'
import { SeenCard } from '@gatehouse/shared/command/sealed-card.ts'
import { compactDecrypt, compactVerify } from 'jose'
import { NOW_S, type TestSchool } from './school.ts'

/** What a cloud has to arm a reader and to open what comes of it. */
export function testEnrolment(school: TestSchool, gate = 'gate-north-1') {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string }
  const sealTo: EnrolmentKey = { kid: `${school.tenant}/enrolment/1`, kty: 'EC', crv: 'P-256', x, y }

  /** One good command, to change one thing of. Its time is that of the test school, which a running gate of the tests has. */
  const command = (change: Partial<Command> = {}, order: Partial<Command['order']> = {}): Command => ({
    id: randomUUID(),
    tenant: school.tenant,
    gate,
    operator: randomUUID(),
    reason: 'enrol a card',
    issuedAtMs: NOW_S * 1_000,
    expiresAtMs: NOW_S * 1_000 + 5_000,
    order: { do: 'arm_reader', lane: 'main', reader: 'card', forS: 60, sealTo, ...order },
    ...change,
  })
  return {
    sealTo,
    command,
    sign: (what: unknown) => school.seal(COMMAND_TYP, 'command', what),
    /** The card in a seal, its signature checked. */
    async open(sealed: string | Uint8Array, key: KeyObject = privateKey): Promise<SeenCard> {
      const { plaintext } = await compactDecrypt(sealed, key)
      const { payload } = await compactVerify(plaintext, school.gateKey.publicKey, { algorithms: ['Ed25519'] })
      return SeenCard.parse(JSON.parse(Buffer.from(payload).toString()))
    },
  }
}
