import type { Command } from '@gatehouse/shared/command/command.ts'
import type { ClockQuality } from '@gatehouse/shared/events/record.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { expect, test } from 'vitest'
import { trustIn } from '../list/trust.ts'
import type { Happening } from '../recorder.ts'
import { testEnrolment } from '../testing/enrolment.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { testSchool } from '../testing/school.ts'
import { commandTaker } from './command-taker.ts'

const school = testSchool()
const enrolment = testEnrolment(school)

function taker() {
  const clock = handClock()
  const recorded: Happening[] = []
  const obeyed: string[] = []
  const stop = new AbortController()
  const disk = { full: false, markFull: false, markMs: 0 }
  const quality = { is: 'confirmed' as ClockQuality }
  const begin = () =>
    commandTaker({
      tenant: school.tenant,
      gate: 'gate-north-1',
      trust: trustIn(school.trust),
      journal: {
        commandMarkMs: () => disk.markMs,
        raiseCommandMark(ms) {
          if (disk.markFull) return fail('disk_full')
          disk.markMs = Math.max(disk.markMs, ms)
          return ok(null)
        },
      },
      recorder: {
        now() {
          const [trustedMs, monotonicMs] = [clock.wallMs(), clock.monotonicMs()]
          return { trustedMs, quality: quality.is, wallMs: trustedMs, monotonicMs }
        },
        record(happening) {
          if (disk.full) return fail('disk_full')
          recorded.push(happening)
          return ok({} as never)
        },
      },
      can: () => ok(null),
      obey: ({ id }) => void obeyed.push(id),
      stopped: stop.signal,
      log: memoryLog(),
    })
  let running = begin()
  return {
    clock,
    recorded,
    obeyed,
    stop,
    disk,
    quality,
    hear: async (command: Command, kept = false) => running.heard(await enrolment.sign(command), kept),
    restart() {
      running = begin()
    },
  }
}

test('is written down before it is obeyed, with who ordered it and why', async () => {
  const { hear, recorded, obeyed } = taker()
  const command = enrolment.command()
  await hear(command)
  const { id, operator, reason } = command
  expect(recorded).toEqual([
    { kind: 'command', lane: 'main', details: { command: id, do: 'arm_reader', reader: 'card', operator, reason } },
  ])
  expect(obeyed).toEqual([id])
})

test('what cannot be written down is not obeyed', async () => {
  const { hear, obeyed, disk } = taker()
  disk.full = true
  await hear(enrolment.command())
  disk.full = false
  disk.markFull = true
  await hear(enrolment.command())
  expect(obeyed).toEqual([])
})

test('a clock in doubt obeys nothing', async () => {
  const { hear, recorded, obeyed, quality } = taker()
  quality.is = 'doubt'
  await hear(enrolment.command())
  expect([obeyed, recorded[0]?.details?.refused]).toEqual([[], 'clock_in_doubt'])
})

test('after a restart with the clock set back nothing is obeyed again, and what is newer is', async () => {
  const { clock, hear, restart, recorded, obeyed } = taker()
  const [older, command] = [enrolment.command(), enrolment.command()]
  await hear(command)
  restart()
  clock.setWall(command.issuedAtMs - 1_000)
  await hear(command)
  clock.advance(2_000)
  await hear(older)
  const newer = enrolment.command({ issuedAtMs: command.issuedAtMs + 1, expiresAtMs: command.expiresAtMs + 1 })
  await hear(newer)
  expect(obeyed).toEqual([command.id, newer.id])
  expect(recorded.flatMap(({ details }) => details?.refused ?? [])).toEqual(['replayed', 'replayed'])
})

test('the same one twice at once is obeyed once', async () => {
  const { hear, obeyed } = taker()
  const command = enrolment.command()
  await Promise.all([hear(command), hear(command)])
  expect(obeyed).toEqual([command.id])
})

test('a network that repeats itself fills no journal: one refusal a second is written down', async () => {
  const { clock, hear, recorded } = taker()
  const old = enrolment.command({ issuedAtMs: 1_000, expiresAtMs: 6_000 })
  for (let time = 0; time < 20; time++) await hear(old)
  expect(recorded).toHaveLength(1)
  clock.advance(1_000)
  await hear(old)
  expect(recorded).toHaveLength(2)
})

test('what is still being checked when the gate stops is not obeyed', async () => {
  const { hear, stop, recorded, obeyed } = taker()
  const heard = hear(enrolment.command())
  stop.abort()
  await heard
  expect([recorded, obeyed]).toEqual([[], []])
})
