/** More than any school has holidays, and a megabyte of them. */
export const CALENDAR_EVENTS_MAX = 2_000
