import type { Numbers } from '../message.ts'
import type { Message } from '../messages.ts'

/** One message of each kind, as `shared/vectors/door-protocol.json` has them in bytes. */
export const GOLDEN: readonly { readonly message: Message; readonly numbers: Numbers }[] = [
  { message: { name: 'greet', protocol: 1, host_nonce: 0x01020304 }, numbers: { seq: 5 } },
  {
    message: {
      name: 'greeted',
      protocol: 1,
      host_nonce: 0x01020304,
      boot_nonce: 0xcafebabe,
      session: 1,
      firmware: 0x0102,
      outputs: 8,
      inputs: 16,
      config_crc32: 0,
      uptime_ms: 1_234,
    },
    numbers: { ack: 5 },
  },
  { message: { name: 'booted', protocol: 1, boot_nonce: 0xcafebabe }, numbers: {} },
  {
    message: {
      name: 'configure',
      session: 1,
      rest: 0b10,
      max_on_ms: [3_000, 30_000, 0, 0, 0, 0, 0, 0],
      active_high: 0b100,
      debounce_ms: [30, 30, 50, ...Array.from({ length: 13 }, () => 30)],
    },
    numbers: { seq: 6 },
  },
  { message: { name: 'configured', config_crc32: 0xfd23187f }, numbers: { ack: 6 } },
  { message: { name: 'heartbeat', session: 1 }, numbers: { seq: 7 } },
  {
    message: {
      name: 'alive',
      session: 1,
      uptime_ms: 2_234,
      config_crc32: 0xfd23187f,
      away: 0b1,
      closed: 0b101,
      waiting: 2,
      next_evt_seq: 9,
    },
    numbers: { ack: 7 },
  },
  {
    message: { name: 'pulse', session: 1, grant_id: 1, output: 0, start_by: 2_734, on_ms: 700 },
    numbers: { seq: 8 },
  },
  { message: { name: 'pulsed', grant_id: 1 }, numbers: { ack: 8 } },
  {
    message: { name: 'hold', session: 1, grant_id: 2, output: 1, start_by: 3_734, lease_ms: 3_000 },
    numbers: { seq: 9 },
  },
  { message: { name: 'held', grant_id: 2 }, numbers: { ack: 9 } },
  { message: { name: 'release', session: 1, output: 1 }, numbers: { seq: 10 } },
  { message: { name: 'released', output: 1 }, numbers: { ack: 10 } },
  {
    message: { name: 'input', session: 1, evt_seq: 9, uptime_ms: 4_000, lost: 0, input: 2, closed: 1 },
    numbers: { seq: 9 },
  },
  { message: { name: 'safe', session: 2, evt_seq: 10, uptime_ms: 7_000, lost: 3, ended: 0b10 }, numbers: { seq: 10 } },
  { message: { name: 'input_taken', session: 1, evt_seq: 9 }, numbers: { ack: 9 } },
  { message: { name: 'safe_taken', session: 2, evt_seq: 10 }, numbers: { ack: 10 } },
  { message: { name: 'refused', code: 5 }, numbers: { ack: 11, op: 0x10 } },
]
