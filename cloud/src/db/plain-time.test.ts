import pg from 'pg'
import { expect, test } from 'vitest'
import { plainTime } from './plain-time.ts'

const anyTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as unknown as (text: string) => Date

test.each([
  '2026-11-26 19:13:24.123456+00',
  '2026-11-26 19:13:24.999999+00',
  '2026-11-26 19:13:24.1+00',
  '2026-11-26 19:13:24+00',
  '1899-12-31 23:59:59.5+00',
  '0099-02-28 00:00:00+00',
  '2024-02-29 00:00:00+00',
])('%s is read as whoever reads every time does', text => expect(plainTime(text)).toEqual(anyTime(text)))

test.each(['2026-11-26 19:13:24+01', '0044-03-15 12:00:00+00 BC', 'infinity', '10000-01-01 00:00:00+00', '2026-11-26'])(
  '%s is left to others',
  text => expect(plainTime(text)).toBeNull(),
)
