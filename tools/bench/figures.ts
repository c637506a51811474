/** The middle and the ends of some times, in the unit they came in. */
export function spread(times: readonly number[]): { readonly p50: number; readonly p99: number; readonly max: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** Prints rows under each other: a name, figures with their unit, and how they stand to the first row. */
export function show(
  rows: readonly { readonly name: string; readonly figures: string; readonly ratio?: number }[],
): void {
  const wide = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, figures, ratio } of rows) {
    console.log(`  ${name.padEnd(wide)}  ${figures}${ratio === undefined ? '' : `  ${ratio.toFixed(2)}x`}`)
  }
}
