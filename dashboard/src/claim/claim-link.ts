/** What a link to the claim page brings behind its #. */
export type ClaimLink = {
  readonly code: string
  /** What the school asks for; null: the code was typed, and the letter says. */
  readonly asks: { readonly number: boolean; readonly birth: boolean } | null
}

/** `#<code>.<n and b>`; anything else is no link of ours. */
export function readClaimLink(hash: string): ClaimLink | null {
  const [, code, asked] = /^#([A-Za-z0-9_-]{12,40})\.([nb]{0,2})$/.exec(hash) ?? []
  if (code === undefined || asked === undefined) return null
  return { code, asks: { number: asked.includes('n'), birth: asked.includes('b') } }
}
