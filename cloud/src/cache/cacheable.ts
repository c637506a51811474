/**
 * What may be kept, and for how many seconds where nobody says that it changed. Rights, sessions, keys, revocations
 * and the status of a pass are none of these, and never become one: who asks for them reads the tables.
 */
export const CACHEABLE = {
  /** Figures over many rows. */
  analytics: 300,
  /** Names and codes of departments. */
  departments: 3_600,
  /** What an issuer says of itself. */
  'issuer.metadata': 3_600,
  /** How a school wants things, without what somebody may do. */
  'school.settings': 3_600,
  /** Terms and school years. */
  terms: 3_600,
} as const

export type CacheSubject = keyof typeof CACHEABLE

export const CACHE_SUBJECTS = Object.keys(CACHEABLE) as CacheSubject[]
