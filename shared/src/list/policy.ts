import { z } from 'zod'

/** Hours of the week, in the gate's own time zone. `until` 1440 is midnight at the end of that day. */
export const HoursWindow = z
  .object({
    /** 1 Monday .. 7 Sunday (ISO 8601). */
    day: z.int().min(1).max(7),
    fromMinute: z.int().min(0).max(1439),
    untilMinute: z.int().min(1).max(1440),
  })
  .refine(window => window.fromMinute < window.untilMinute, 'hours must end after they begin; split a night in two')
export type HoursWindow = z.infer<typeof HoursWindow>

/** The rules a list carries to the gates. Its hash stands in every event. */
export const Policy = z.object({
  /** Time profiles by number; 0 is always and is never listed. */
  profiles: z.record(
    z.string().regex(/^[1-9][0-9]{0,2}$/),
    z.object({ name: z.string().max(100), windows: z.array(HoursWindow).max(100) }),
  ),
  /** Whether a signed pass newer than the list opens on its signature alone. */
  newerThanList: z.enum(['open', 'refuse']),
})
export type Policy = z.infer<typeof Policy>

export const EMPTY_POLICY: Policy = { profiles: {}, newerThanList: 'open' }
