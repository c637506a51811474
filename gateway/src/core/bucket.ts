/** So many at once, and so many a second after that. The rest are refused, and never saved up for. */
export function bucket({
  atOnce,
  perS,
}: {
  readonly atOnce: number
  readonly perS: number
}): (atMs: number) => boolean {
  let left = atOnce
  let lastMs = Number.NEGATIVE_INFINITY
  return atMs => {
    left = Math.min(atOnce, left + ((atMs - lastMs) * perS) / 1_000)
    lastMs = atMs
    if (left < 1) return false
    left--
    return true
  }
}
