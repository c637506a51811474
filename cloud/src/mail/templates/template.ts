/** A paragraph, a link that stands by itself, or something to be copied. */
export type Block = string | { readonly link: string; readonly words: string } | { readonly code: string }

export type Letter = { readonly subject: string; readonly blocks: readonly Block[] }

/** What every letter knows beside its values. */
export type Place = {
  /** Null: the installation itself writes. */
  readonly school: string | null
  /** A time of day as people there read it; the text as it is where it is no time. */
  readonly when: (iso: string) => string
}

/** A letter in every language it is written in. Texts only: `write.ts` makes mail of them, and escapes. */
export type Template<Values> = {
  readonly en: (values: Values, place: Place) => Letter
  readonly nl: (values: Values, place: Place) => Letter
}
