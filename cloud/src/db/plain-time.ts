const PLAIN = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/

/**
 * A `timestamptz` as PostgreSQL writes it in UTC, cut to milliseconds; null: it is written otherwise (another zone, before Christ,
 * infinite). Much quicker than reading every way of writing one, and a list has hundreds.
 */
export function plainTime(text: string): Date | null {
  return PLAIN.test(text) ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : null
}
