import { systemClock } from '../devices/system-clock.ts'
import type { SimulatorConfig } from './config.ts'
import { controlOf } from './control.ts'
import { gateHardware } from './gate-hardware.ts'

/** Brings up the hardware of one gate, says so in one line of JSON, and takes it down when `signal` aborts. */
export async function simulate(
  config: SimulatorConfig,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const hardware = await gateHardware(config, systemClock)
  const control = await controlOf({ hardware, ...config.control }).catch(async error => {
    await hardware.close()
    throw error
  })
  say(JSON.stringify({ ready: true, control: control.url, lanes: hardware.lanes, boards: hardware.boards }))
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await control.close()
  await hardware.close()
}
