import { z } from 'zod'

const fromMinute = z.int().min(0).max(1439)
const untilMinute = z.int().min(1).max(1440)
const isForward = (hours: { readonly fromMinute: number; readonly untilMinute: number }) =>
  hours.fromMinute < hours.untilMinute
const BACKWARD = 'hours must end after they begin; split a night in two'

/** Hours of the week, in the gate's own time zone. `until` 1440 is midnight at the end of that day. */
export const HoursWindow = z
  .object({
    /** 1 Monday .. 7 Sunday (ISO 8601). */
    day: z.int().min(1).max(7),
    fromMinute,
    untilMinute,
  })
  .refine(isForward, BACKWARD)
export type HoursWindow = z.infer<typeof HoursWindow>

/** Hours of one day, whichever it is. */
export const DayHours = z.object({ fromMinute, untilMinute }).refine(isForward, BACKWARD)
export type DayHours = z.infer<typeof DayHours>

/** When a pass opens: hours of the week, and what is left of them on a holiday. No hours on a holiday: closed. */
export const Profile = z.object({
  name: z.string().max(100),
  windows: z.array(HoursWindow).max(100),
  onHolidays: z.array(DayHours).max(24).default([]),
})
export type Profile = z.infer<typeof Profile>

/** A day that is not like its weekday. Its own hours hold for every profile; without any, each profile says what is left. */
export const Holiday = z.object({
  name: z.string().max(100),
  hours: z.array(DayHours).max(24).nullable().default(null),
})
export type Holiday = z.infer<typeof Holiday>

/** Time profiles by number; 0 is always and is never listed. */
export const Profiles = z.record(z.string().regex(/^[1-9][0-9]{0,2}$/), Profile)

/** Days by their date on the gate's wall, `2026-12-24`. */
export const Holidays = z.record(z.string().regex(/^\d{4}-\d{2}-\d{2}$/), Holiday)

/** The rules a list carries to the gates. Its hash stands in every event. */
export const Policy = z.object({
  profiles: Profiles,
  holidays: Holidays.default({}),
  /** Whether a signed pass newer than the list opens on its signature alone. */
  newerThanList: z.enum(['open', 'refuse']),
})
export type Policy = z.infer<typeof Policy>

export const EMPTY_POLICY: Policy = { profiles: {}, holidays: {}, newerThanList: 'open' }
