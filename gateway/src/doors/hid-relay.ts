import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { oneAtATime } from '../core/one-at-a-time.ts'
import type { HidNeeds } from '../devices/hid-port.ts'
import type { OpenReports } from '../devices/open-port.ts'
import type { Clock, DoorFailure, ReportPort } from '../ports.ts'
import type { BoardDriver } from './board-line.ts'
import { lcusFrame } from './lcus.ts'

export type HidRelayModel = Extract<BoardConfig, { family: 'hid-relay' }>['model']

/** The report id, which is 0, and eight bytes. */
const REPORT_BYTES = 9

const DCTTECH_ON = 0xff
const DCTTECH_OFF = 0xfd
const SERIAL_CHARACTERS = 5
/** From the first character of the serial number on. */
const STATE_AFTER = 7
const UCREATEFUN_ON = 0xf0

/** Some boards fail to give their state with EPROTO now and then (usbrelay issues 65, 88 and 100). */
const STATE_TRIES = 3
const STATE_PAUSE_MS = 20

/** What is sent to switch a relay. */
export function hidRelayReport(model: HidRelayModel, channel: number, on: boolean): Uint8Array {
  const report = new Uint8Array(REPORT_BYTES)
  const words: Record<HidRelayModel, () => ArrayLike<number>> = {
    dcttech: () => [on ? DCTTECH_ON : DCTTECH_OFF, channel],
    ucreatefun: () => [(on ? UCREATEFUN_ON : 0) + channel],
    'lcus-hid': () => lcusFrame(channel, on),
  }
  report.set(words[model](), 1)
  return report
}

export type DcttechState = {
  readonly serial: string
  /** Bit 0 is relay 1. */
  readonly relays: number
}

/**
 * What a dcttech board says of itself: five printable characters of serial number, and two bytes behind them its relays.
 * They begin at 0 where the report was asked for by id 1, as usbrelay does, and at 1 by id 0. Null: it is no such report.
 */
export function dcttechState(report: Uint8Array): DcttechState | null {
  for (const at of [0, 1]) {
    const serial = report.subarray(at, at + SERIAL_CHARACTERS)
    const relays = report[at + STATE_AFTER]
    if (relays === undefined || !serial.every(byte => byte > 0x20 && byte < 0x7f)) continue
    return { serial: String.fromCharCode(...serial), relays }
  }
  return null
}

async function stateOf(port: ReportPort): Promise<DcttechState | null> {
  return dcttechState(await port.feature(1, REPORT_BYTES))
}

/** Vendor and product of V-USB are shared by many makers, and the serial number is not where USB has it. */
export const HID_RELAY_NEEDS: Readonly<Record<HidRelayModel, HidNeeds>> = {
  dcttech: { name: /USBRelay/, serialOf: async port => (await stateOf(port))?.serial ?? null },
  ucreatefun: {},
  'lcus-hid': {},
}

export type HidRelayNeeds = { readonly open: OpenReports; readonly model: HidRelayModel; readonly clock: Clock }

/**
 * A relay board that is a HID device. It has no timer: the pulse is ours to end, and a process that is killed within one
 * leaves it on until the next start, which begins with off.
 *
 * dcttech (usb-relay-hid, darrylb123/usbrelay): a feature report `FF n` or `FD n`, and its state is read after it. Ucreatefun:
 * an output report `Fn` or `0n`. LCUS with a HID chip: an output report with the frame of an LCUS. Those two tell nothing.
 */
export function hidRelayBoard({ open, model, clock }: HidRelayNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open(signal) {
      const port = await open(signal)
      const inTurn = oneAtATime()
      /** Null: it does not say. */
      const isOn = async (channel: number): Promise<boolean | null> => {
        for (let tries = 1; tries <= STATE_TRIES; tries++) {
          const state = await stateOf(port).catch(() => null)
          if (state !== null) return ((state.relays >> (channel - 1)) & 1) === 1
          if (tries < STATE_TRIES) await clock.after(STATE_PAUSE_MS)
        }
        return null
      }
      const set = async (channel: number, on: boolean): Promise<Result<null, DoorFailure>> => {
        const report = hidRelayReport(model, channel, on)
        if (model !== 'dcttech') {
          await port.write(report)
          return ok(null)
        }
        await port.sendFeature(report)
        const is = await isOn(channel)
        return is === null || is === on ? ok(null) : fail('refused')
      }
      return {
        set: (channel, energised) => inTurn(() => set(channel, energised)),
        flash: null,
        async listen() {
          // It says nothing by itself; that it is gone is all there is to hear.
          for await (const _ of port.reports);
        },
        [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
      }
    },
  }
}
