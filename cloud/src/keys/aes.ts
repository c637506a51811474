import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM with a random iv: `<iv>.<ciphertext and tag>` in base64url. `additional` is part of the seal, and not in it. */
export function encrypt(key: Uint8Array | KeyObject, additional: Uint8Array, bytes: Uint8Array): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(additional)
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  return `${iv.toString('base64url')}.${sealed.toString('base64url')}`
}

/** Throws when it was sealed with another key or other additional data, or changed since. */
export function decrypt(key: Uint8Array | KeyObject, additional: Uint8Array, iv: string, body: string): Buffer {
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < TAG_BYTES) throw new Error('too short to be sealed')
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
  decipher.setAAD(additional)
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const opened = decipher.update(bytes.subarray(0, -TAG_BYTES))
  // It checks the tag; of a stream cipher nothing is left to come.
  decipher.final()
  return opened
}
