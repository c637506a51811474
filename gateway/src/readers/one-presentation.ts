/**
 * Tells a new presentation from the repeats of the one before: the same thing is one presentation for as long as it
 * is seen again within `quietMs`. Something else in between is a new one.
 */
export function onePresentation(quietMs: number): (what: string, atMs: number) => boolean {
  let last: { readonly what: string; readonly atMs: number } | null = null
  return (what, atMs) => {
    const isNew = last === null || last.what !== what || atMs - last.atMs >= quietMs
    last = { what, atMs }
    return isNew
  }
}
