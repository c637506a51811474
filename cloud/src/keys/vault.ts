import { createHash, createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import { decrypt, encrypt } from './aes.ts'

/** Where a sealed value stands. It is part of the seal: a value copied to another row, column or school does not open. */
export type Place = { readonly tenant: string; readonly table: string; readonly column: string; readonly row: string }

/** What the cloud keeps but must not show to who reads the tables. */
export type Vault = {
  /** AES-256-GCM; `v1.<key id>.<iv>.<ciphertext and tag>` in base64url. */
  seal(place: Place, bytes: Uint8Array): string
  /** Throws when it was sealed elsewhere, with another key, or changed since. */
  open(place: Place, sealed: string): Buffer
  /** A keyed hash for `is there one like this`, 64 hexadecimal characters. Tells nothing to who has no key. */
  blindIndex(place: Omit<Place, 'row'>, bytes: Uint8Array): string
}

export function openVault(masterKey: Uint8Array): Vault {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `gatehouse ${purpose}`, 32))
  const data = derive('data')
  // Of bytes a key is made anew at each use: a tenth of the speed for a short text.
  const dataKey = createSecretKey(data)
  const indexKey = createSecretKey(derive('blind index'))
  const keyId = createHash('sha256').update(data).digest('base64url').slice(0, 8)

  return {
    seal: (place, bytes) => `v1.${keyId}.${encrypt(dataKey, additional(place), bytes)}`,
    open(place, sealed) {
      const [version, id, iv, body] = sealed.split('.')
      if (version !== 'v1' || body === undefined) throw new Error(`${said(place)} is no sealed value`)
      if (id !== keyId) {
        throw new Error(
          `${said(place)} was sealed with another master key; set GATEHOUSE_MASTER_KEY to the one of this data.`,
        )
      }
      return decrypt(dataKey, additional(place), iv!, body)
    },
    blindIndex: ({ tenant, table, column }, bytes) =>
      createHmac('sha256', indexKey)
        .update(JSON.stringify([tenant, table, column]))
        .update('\0')
        .update(bytes)
        .digest('hex'),
  }
}

/** JSON, so that no two places read the same: `a|b` and `|` would. */
export function additional({ tenant, table, column, row }: Place): Buffer {
  return Buffer.from(JSON.stringify([tenant, table, column, row]))
}

export function said({ table, column, row }: Place): string {
  return `${table}.${column} of ${row}`
}
