import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { decodeFrame, encodeFrame, type FrameFailure, type Head } from './frame.ts'
import { type Field, type Layout, MESSAGES, type Message, type MessageName } from './messages.ts'

export type MessageFailure = FrameFailure | 'op' | 'length' | 'range'

/** A message and what its head says; `op` is told because a refusal has that of its request. */
export type Received = { readonly message: Message; readonly seq: number; readonly ack: number; readonly op: number }

/** `seq` of a request or an event, `ack` of what answers one; the op of a refusal. */
export type Numbers = { readonly seq?: number; readonly ack?: number; readonly op?: number }

const LAYOUTS = Object.entries(MESSAGES) as [MessageName, Layout][]
const SIZES = { u8: 1, u16: 2, u32: 4 } as const

/** Where a field begins in the payload, in bytes. */
export function offsetsOf(name: MessageName): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  let at = 0
  for (const [key, field] of fieldsOf(name)) {
    offsets.set(key, at)
    at += SIZES[field.type] * field.count
  }
  return offsets
}

export function payloadBytes(name: MessageName): number {
  return fieldsOf(name).reduce((bytes, [, field]) => bytes + SIZES[field.type] * field.count, 0)
}

/** The bytes for the line. Throws for a number that the table does not allow: it must not be sent. */
export function encodeMessage(message: Message, { seq = 0, ack = 0, op }: Numbers = {}): Uint8Array {
  const layout: Layout = MESSAGES[message.name]
  const payload = payloadOf(message)
  return encodeFrame({ head: { kind: layout.kind, seq, ack, op: layout.op ?? op ?? 0 }, payload })
}

/** The fields alone: what the CRC of a configuration is made over. */
export function payloadOf(message: Message): Uint8Array {
  const values = message as unknown as Readonly<Record<string, number | readonly number[]>>
  const payload = new Uint8Array(payloadBytes(message.name))
  const view = new DataView(payload.buffer)
  let at = 0
  for (const [key, field] of fieldsOf(message.name)) {
    const numbers = [values[key]!].flat()
    if (numbers.length !== field.count || !numbers.every(number => isAllowed(number, field)))
      throw new Error(`${message.name} with ${key} ${numbers.join(' ')} is not allowed`)
    for (const number of numbers) {
      WRITE[field.type](view, at, number)
      at += SIZES[field.type]
    }
  }
  return payload
}

/** What stood between two zeros, as a message. Nothing is taken that is not to the byte what the table says. */
export function decodeMessage(stuffed: Uint8Array): Result<Received, MessageFailure> {
  const frame = decodeFrame(stuffed)
  return frame.ok ? readMessage(frame.value.head, frame.value.payload) : frame
}

export function readMessage(
  { kind, seq, ack, op }: Head,
  payload: Uint8Array,
): Result<Received, 'op' | 'length' | 'range'> {
  const found = LAYOUTS.find(([, layout]) => layout.kind === kind && (layout.op === null || layout.op === op))
  if (found === undefined) return fail('op')
  const [name] = found
  if (payload.length !== payloadBytes(name)) return fail('length')
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const values: Record<string, number | number[]> = {}
  let at = 0
  for (const [key, field] of fieldsOf(name)) {
    const numbers: number[] = []
    for (let one = 0; one < field.count; one++, at += SIZES[field.type]) numbers.push(READ[field.type](view, at))
    if (!numbers.every(number => isAllowed(number, field))) return fail('range')
    values[key] = field.count === 1 ? numbers[0]! : numbers
  }
  return ok({ message: { name, ...values } as unknown as Message, seq, ack, op })
}

const READ = {
  u8: (view: DataView, at: number) => view.getUint8(at),
  u16: (view: DataView, at: number) => view.getUint16(at, true),
  u32: (view: DataView, at: number) => view.getUint32(at, true),
}
const WRITE = {
  u8: (view: DataView, at: number, value: number) => view.setUint8(at, value),
  u16: (view: DataView, at: number, value: number) => view.setUint16(at, value, true),
  u32: (view: DataView, at: number, value: number) => view.setUint32(at, value, true),
}

function isAllowed(number: number, { min, max }: Field): boolean {
  return Number.isInteger(number) && number >= min && number <= max
}

function fieldsOf(name: MessageName): [string, Field][] {
  return Object.entries((MESSAGES[name] as Layout).fields)
}
