import { z } from 'zod'

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)

/** A trust bundle as it travels: JWS in the general JSON serialization, a signature for each root that signed. */
export const BundleJws = z.strictObject({
  payload: base64url.max(120_000),
  signatures: z.array(z.strictObject({ protected: base64url.max(1_000), signature: base64url.max(100) })).max(16),
})
export type BundleJws = z.infer<typeof BundleJws>

/**
 * Bundles from an older one to the newest, oldest first. It keeps every one that changed the roots, so that a gate which was away
 * meanwhile can go from the roots that it knows to those of today.
 */
export const TrustChain = z.array(BundleJws).min(1).max(64)
export type TrustChain = z.infer<typeof TrustChain>
