import { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { systemClock } from '../devices/system-clock.ts'
import { fitDoors } from '../doors/fit-doors.ts'

/** Opens the one door of the hardware in argv[2], and is killed by the kernel as soon as it is open. */
const up = Promise.withResolvers<void>()
const { doors, run: keep } = fitDoors(HardwareConfig.parse(JSON.parse(process.argv[2]!)), {
  clock: systemClock,
  random: Math.random,
  report: (_lane, health) => (health.up ? up.resolve() : up.reject(new Error(health.problem))),
  happened() {},
  evacuating() {},
})
void keep(new AbortController().signal)
await up.promise
const released = await doors[0]!.release(systemClock.monotonicMs(), { sequence: 1, passId: null })
if (!released.ok) throw new Error(released.failure)
process.kill(process.pid, 'SIGKILL')
