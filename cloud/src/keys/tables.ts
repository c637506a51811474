import type { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import type { Generated } from 'kysely'
import type { EcJwk, Json, Jwk } from '../db/column-types.ts'

export type KeyUse = 'pass' | 'list' | 'policy' | 'ack' | 'command'

export type KeyTables = {
  readonly signing_keys: {
    school_id: string
    use: KeyUse
    number: number
    kid: string
    public_jwk: Json<Jwk>
    sealed_private: string
    created_at: Generated<Date>
    not_before: Date
    expires: Date
    revoked_at: Date | null
    bundled: Generated<boolean>
  }
  readonly trust_bundles: {
    school_id: string
    version: number
    epoch: number
    jws: Json<BundleJws>
    created_at: Generated<Date>
  }
  readonly enrolment_keys: {
    school_id: string
    number: number
    kid: string
    public_jwk: Json<EcJwk>
    sealed_private: string
    created_at: Generated<Date>
  }
}
