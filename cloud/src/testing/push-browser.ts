import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'

/** The far end of RFC 8291: a browser with its keys. */
export function newBrowser() {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  const own = ecdh.getPublicKey()
  const bytes = (key: Buffer, salt: Buffer, info: Buffer, length: number) =>
    Buffer.from(hkdfSync('sha256', key, salt, info, length))
  return {
    keys: { p256dh: own.toString('base64url'), auth: auth.toString('base64url') },
    read(body: Buffer): string {
      const salt = body.subarray(0, 16)
      const keyLength = body[20]!
      const theirs = body.subarray(21, 21 + keyLength)
      const sealed = body.subarray(21 + keyLength)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), own, theirs])
      const secret = bytes(ecdh.computeSecret(theirs), auth, info, 32)
      const key = bytes(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
      const nonce = bytes(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
      const decipher = createDecipheriv('aes-128-gcm', key, nonce)
      decipher.setAuthTag(sealed.subarray(-16))
      const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
      return padded.subarray(0, padded.lastIndexOf(2)).toString()
    },
  }
}

/** Checks the signature of `vapid t=…, k=…` (RFC 8292), and answers for whom it is. */
export function vapidAudience(authorization: string, publicKey: string): string {
  const [, jwt, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization)!
  if (key !== publicKey) throw new Error('signed with another key than the service gives')
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  const jwk = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' })
  const [header, claims, signed] = jwt!.split('.')
  const isGood = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: jwk, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signed!, 'base64url'),
  )
  if (!isGood) throw new Error('the signature is not good')
  return (JSON.parse(Buffer.from(claims!, 'base64url').toString()) as { aud: string }).aud
}
