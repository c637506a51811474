/** Does `work` once for all who ask within `ms` of each other's asking. What failed is kept as long. */
export function keptFor<Answer>(ms: number, work: () => Promise<Answer>): () => Promise<Answer> {
  let kept: { readonly atMs: number; readonly answer: Promise<Answer> } | null = null
  return () => {
    if (kept === null || performance.now() - kept.atMs > ms) kept = { atMs: performance.now(), answer: work() }
    return kept.answer
  }
}
