import { expect, test } from 'vitest'
import { type CalendarAsked, readCalendar } from './calendar-file.ts'
import { readCalendarAside } from './calendar-thread.ts'

const ASKED = { timeZone: 'Europe/Amsterdam', from: '2026-09-01', to: '2027-07-16', allDay: 'holiday' } as const
const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (uid: string, ...lines: string[]) => ['BEGIN:VEVENT', `UID:${uid}`, ...lines, 'END:VEVENT']
const read = (lines: string[], asked: Partial<CalendarAsked> = {}) => {
  const said = readCalendar({ ...ASKED, text: calendar(...lines), ...asked })
  if (!said.ok) throw new Error(said.failure)
  return said.value
}
const datesOf = (lines: string[], asked: Partial<CalendarAsked> = {}) => read(lines, asked).days.map(({ date }) => date)

test('an event of whole days is a holiday on each of them; the end is the first day after', () => {
  const lines = event('a', 'DTSTART;VALUE=DATE:20261221', 'DTEND;VALUE=DATE:20261224', 'SUMMARY:Winter\\, at last')
  expect(read(lines).days).toEqual([
    { date: '2026-12-21', name: 'Winter, at last', hours: null },
    { date: '2026-12-22', name: 'Winter, at last', hours: null },
    { date: '2026-12-23', name: 'Winter, at last', hours: null },
  ])
  expect(read(lines, { allDay: 'closed' }).days[0]).toMatchObject({ hours: [] })
})

test('without an end it is one day', () => {
  expect(datesOf(event('a', 'DTSTART;VALUE=DATE:20261225'))).toEqual(['2026-12-25'])
})

test.each([
  ['UTC', 'DTSTART:20261126T080000Z', 'DTEND:20261126T110000Z'],
  ['without a zone, the school’s', 'DTSTART:20261126T090000', 'DTEND:20261126T120000'],
  [
    'a zone by its name',
    'DTSTART;TZID=America/New_York:20261126T030000',
    'DTEND;TZID=America/New_York:20261126T060000',
  ],
  ['a length', 'DTSTART:20261126T080000Z', 'DURATION:PT3H'],
])('an event with times opens its day from 9 to 12 in the school’s zone: %s', (_, start, end) => {
  expect(read(event('a', start, end, 'SUMMARY:Fair')).days).toEqual([
    { date: '2026-11-26', name: 'Fair', hours: [{ fromMinute: 540, untilMinute: 720 }] },
  ])
})

const ZONE = [
  'BEGIN:VTIMEZONE',
  'TZID:Ours',
  'BEGIN:STANDARD',
  'DTSTART:19701025T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'TZOFFSETFROM:+0500',
  'TZOFFSETTO:+0400',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:19700329T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'TZOFFSETFROM:+0400',
  'TZOFFSETTO:+0500',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
]

test('a zone that the file describes is taken from it, summer and winter', () => {
  const times = (day: string) => [`DTSTART;TZID=Ours:${day}T120000`, `DTEND;TZID=Ours:${day}T130000`]
  const { days } = read([...ZONE, ...event('w', ...times('20261201')), ...event('s', ...times('20270601'))])
  // +4 against +1, and +5 against +2.
  expect(days.map(({ hours }) => hours)).toEqual([
    [{ fromMinute: 540, untilMinute: 600 }],
    [{ fromMinute: 540, untilMinute: 600 }],
  ])
})

test('a zone that nobody knows is said, and the event left out', () => {
  const { days, skipped } = read(event('a', 'DTSTART;TZID=Moon:20261126T090000', 'DURATION:PT1H', 'SUMMARY:Lunar'))
  expect(days).toEqual([])
  expect(skipped).toEqual([{ event: 'Lunar', why: expect.stringContaining('time zone') }])
})

test('an event over midnight has its hours on both days, and midnight ends the day before', () => {
  const { days } = read(event('a', 'DTSTART:20261126T220000', 'DTEND:20261127T020000'))
  expect(days.map(({ date, hours }) => [date, hours])).toEqual([
    ['2026-11-26', [{ fromMinute: 1320, untilMinute: 1440 }]],
    ['2026-11-27', [{ fromMinute: 0, untilMinute: 120 }]],
  ])
  expect(read(event('a', 'DTSTART:20261126T220000', 'DTEND:20261127T000000')).days).toMatchObject([
    { date: '2026-11-26', hours: [{ fromMinute: 1320, untilMinute: 1440 }] },
  ])
})

test('times on a holiday win, and hours that touch become one', () => {
  const { days } = read([
    ...event('h', 'DTSTART;VALUE=DATE:20261126', 'SUMMARY:Closed'),
    ...event('a', 'DTSTART:20261126T140000', 'DTEND:20261126T160000', 'SUMMARY:Fair'),
    ...event('b', 'DTSTART:20261126T100000', 'DTEND:20261126T140000', 'SUMMARY:Exam'),
  ])
  expect(days).toEqual([{ date: '2026-11-26', name: 'Fair / Exam', hours: [{ fromMinute: 600, untilMinute: 960 }] }])
})

test('what repeats is followed to the end of the school year and no further, without the days taken out', () => {
  const dates = datesOf(
    event('a', 'DTSTART;VALUE=DATE:20200907', 'RRULE:FREQ=WEEKLY;BYDAY=MO', 'EXDATE;VALUE=DATE:20260914,20260921'),
    { to: '2026-10-05' },
  )
  expect(dates).toEqual(['2026-09-07', '2026-09-28', '2026-10-05'])
})

test('a time taken out in another zone is the same time', () => {
  const lines = ['DTSTART:20261102T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3', 'EXDATE:20261103T090000Z']
  expect(datesOf(event('a', ...lines))).toEqual(['2026-11-02', '2026-11-04'])
})

test('a repetition keeps its hours on the wall when the clocks change', () => {
  const { days } = read(event('a', 'DTSTART:20261020T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=2'))
  expect(days.map(({ hours }) => hours![0]!.fromMinute)).toEqual([540, 540])
})

test('a single time of a series that was moved or called off', () => {
  const series = event('a', 'DTSTART:20261102T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3')
  const moved = event('a', 'RECURRENCE-ID:20261103T090000Z', 'DTSTART:20261110T090000Z', 'DURATION:PT1H')
  const calledOff = event(
    'a',
    'RECURRENCE-ID:20261104T090000Z',
    'DTSTART:20261104T090000Z',
    'DURATION:PT1H',
    'STATUS:CANCELLED',
  )
  expect(datesOf([...series, ...moved, ...calledOff])).toEqual(['2026-11-02', '2026-11-10'])
})

test('a day that a month does not have is no day', () => {
  expect(datesOf(event('a', 'DTSTART;VALUE=DATE:20260930', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'))).toEqual([])
  expect(datesOf(event('a', 'DTSTART;VALUE=DATE:20261031', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3'))).toEqual([
    '2026-10-31',
    '2026-11-30',
    '2026-12-31',
  ])
})

test('what repeats within a day or has no length is left out and said', () => {
  const { days, skipped } = read([
    ...event('a', 'DTSTART:20261102T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=SECONDLY', 'SUMMARY:Tick'),
    ...event('b', 'DTSTART:20261102T090000Z', 'SUMMARY:Moment'),
  ])
  expect(days).toEqual([])
  expect(skipped).toEqual([
    { event: 'Tick', why: 'repeats within a day' },
    { event: 'Moment', why: 'has no length' },
  ])
})

test('an event that cannot be read does not take the others with it', () => {
  const { days, skipped } = read([
    ...event('x', 'DTSTART:nonsense', 'SUMMARY:Broken'),
    ...event('y', 'SUMMARY:Nowhere'),
    ...event('a', 'DTSTART;VALUE=DATE:20261225', 'SUMMARY:Good'),
  ])
  expect(days.map(({ name }) => name)).toEqual(['Good'])
  expect(skipped.map(one => one.event)).toEqual(['Broken', 'Nowhere'])
})

test.each([
  ['nothing of the kind', 'hello'],
  ['half a calendar', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n'],
  ['a card of a person', 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nEND:VCARD\r\n'],
])('no calendar: %s', (_, text) => {
  expect(readCalendar({ ...ASKED, text })).toEqual({ ok: false, failure: 'not_a_calendar' })
})

test('2,000 events are read, and one more is not', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => event(`e${at}`, 'DTSTART;VALUE=DATE:20261225')).flat()
  expect(read(many(2_000)).events).toBe(2_000)
  expect(readCalendar({ ...ASKED, text: calendar(...many(2_001)) })).toEqual({ ok: false, failure: 'too_many_events' })
})

test('series of centuries come to an end', () => {
  const long = Array.from({ length: 50 }, (_, at) =>
    event(`e${at}`, 'DTSTART;VALUE=DATE:19000101', 'RRULE:FREQ=DAILY'),
  ).flat()
  expect(readCalendar({ ...ASKED, text: calendar(...long) })).toEqual({ ok: false, failure: 'too_much' })
})

test('a rule that never comes true is given up, and the next file is read', async () => {
  const never = calendar(...event('a', 'DTSTART;VALUE=DATE:20260901', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'))
  const stuck = readCalendarAside({ ...ASKED, text: never }, 1_500)
  const next = readCalendarAside({ ...ASKED, text: calendar(...event('b', 'DTSTART;VALUE=DATE:20261225')) })
  expect(await stuck).toEqual({ ok: false, failure: 'too_much' })
  expect(await next).toMatchObject({ ok: true, value: { days: [{ date: '2026-12-25' }] } })
})
