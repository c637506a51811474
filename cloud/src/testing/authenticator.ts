import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export type Told = {
  readonly challenge: string
  readonly origin?: string
  readonly rpId?: string
  /** Null: it counts nothing, as passkeys on several devices do. */
  readonly counter?: number
  readonly userVerified?: boolean
}

const ORIGIN = 'http://localhost:8080'
const RP_ID = 'localhost'
const PRESENT = 1
const VERIFIED = 4
const ATTESTED = 64

/** A small real authenticator: ES256, no attestation. It signs whatever it is told, for any page that asks. */
export function authenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  let userHandle = ''

  return {
    id: id.toString('base64url'),
    create({ challenge, origin = ORIGIN, rpId = RP_ID, counter = 0, userVerified = true }: Told, user: string) {
      userHandle = user
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const credential = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)])
      const authData = Buffer.concat([head(rpId, ATTESTED, userVerified, counter), credential])
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Buffer.from([0xa0]),
        text('authData'),
        bytes(authData),
      ])
      return {
        id: id.toString('base64url'),
        rawId: id.toString('base64url'),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, origin).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    get({ challenge, origin = ORIGIN, rpId = RP_ID, counter = 0, userVerified = true }: Told) {
      const authData = head(rpId, 0, userVerified, counter)
      const client = clientData('webauthn.get', challenge, origin)
      const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()])
      return {
        id: id.toString('base64url'),
        rawId: id.toString('base64url'),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          userHandle,
        },
      }
    },
  }
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
}

/** WebAuthn level 3 section 6.1: hash of the RP id, flags, counter. */
function head(rpId: string, flags: number, userVerified: boolean, counter: number): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  const flag = Buffer.from([flags | PRESENT | (userVerified ? VERIFIED : 0)])
  return Buffer.concat([createHash('sha256').update(rpId).digest(), flag, count])
}

/** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR: an EC2 key for ES256 on P-256. */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' })
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    bytes(Buffer.from(x!, 'base64url')),
    Buffer.from([0x22]),
    bytes(Buffer.from(y!, 'base64url')),
  ])
}

function text(word: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 | word.length]), Buffer.from(word)])
}

function bytes(of: Buffer): Buffer {
  return Buffer.concat([
    of.length < 256 ? Buffer.from([0x58, of.length]) : Buffer.from([0x59, of.length >> 8, of.length & 255]),
    of,
  ])
}
