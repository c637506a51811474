import type { BundleKey, TrustBundle } from '@gatehouse/shared/list/documents.ts'

/** What a bundle says, for the person who is about to sign it: beside the one before, where that is at hand. */
export function tellBundle(bundle: TrustBundle, before: TrustBundle | null): string[] {
  const lines = [
    `Trust bundle of ${bundle.issuer}, version ${bundle.version}, epoch ${bundle.epoch}, of ${dateOf(bundle.issuedAtS)}`,
  ]
  if (before !== null && before.epoch !== bundle.epoch)
    lines.push(`! the epoch rises from ${before.epoch}: every list signed before is refused`)
  for (const { kid } of bundle.roots) {
    const isNew = before !== null && !before.roots.some(root => root.kid === kid)
    lines.push(`${isNew ? '+' : ' '} root ${kid}`)
  }
  for (const { kid } of before?.roots ?? [])
    if (!bundle.roots.some(root => root.kid === kid)) lines.push(`- root ${kid} is no root any more`)
  for (const key of bundle.keys) {
    const known = before?.keys.find(({ kid }) => kid === key.kid)
    const isNew = before !== null && known === undefined
    const isRevokedNow = key.revokedAtS !== null && known?.revokedAtS == null && !isNew && before !== null
    lines.push(`${isNew ? '+' : isRevokedNow ? '!' : ' '} ${tellKey(key)}`)
    if (known !== undefined && known.jwk.x !== key.jwk.x) lines.push(`! ${key.kid} is another key than before`)
  }
  for (const { kid } of before?.keys ?? [])
    if (!bundle.keys.some(key => key.kid === kid)) lines.push(`- key ${kid} is gone`)
  return lines
}

export function tellKey({ kid, notBeforeS, expiresS, revokedAtS, revokedFor }: BundleKey): string {
  const dates = `${dateOf(notBeforeS)} to ${dateOf(expiresS)}`
  return revokedAtS === null
    ? `key ${kid}, ${dates}`
    : `key ${kid}, REVOKED ${dateOf(revokedAtS)}${revokedFor === undefined ? '' : `: ${revokedFor}`}`
}

export function dateOf(epochS: number): string {
  return new Date(epochS * 1000).toISOString().slice(0, 10)
}
