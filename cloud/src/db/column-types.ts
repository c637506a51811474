import type { ColumnType } from 'kysely'

/** 64-bit integers come out as text on both engines: a number would round the large ones. */
export type Int8 = ColumnType<string, number | string, number | string>
export type GeneratedInt8 = ColumnType<string, number | string | undefined, number | string>
/** JSON goes in as text and comes out as what it says. */
export type Json<Said = unknown> = ColumnType<Said, string, string>
export type JsonOrNull<Said = unknown> = ColumnType<Said | null, string | null, string | null>
export type EcJwk = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
export type Jwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
