import { frameSplitter } from '@gatehouse/firmware-protocol/frame.ts'
import { decodeMessage } from '@gatehouse/firmware-protocol/message.ts'
import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import type { BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { systemClock } from '../devices/system-clock.ts'
import type { BoardEvent } from '../doors/board-line.ts'
import { boardDriver } from '../doors/families.ts'
import type { Credential } from '../ports.ts'
import type { Decoded, Decoder } from '../readers/decoder.ts'
import { familyOf } from '../readers/families.ts'
import { benchLine } from './bench-line.ts'
import { familyConfig } from './family-config.ts'
import { settingsOf } from './settings.ts'
import { cannot } from './usage.ts'

/** After the last chunk a reader is given this long: the silence that ends a code is 50 ms. */
const AFTERWARDS_MS = 200
/** One that asks again and again is not listened to for ever. */
const DUES_MAX = 20

type Made = {
  readonly scans: readonly Credential[]
  readonly dropped: readonly string[]
  readonly answers: readonly string[]
  /** What a board says of itself. */
  readonly heard: readonly (BoardEvent | { readonly name: string })[]
}

export type DecodeOptions = { readonly set: readonly string[]; readonly apart: string; readonly json?: true }

/** `gateway decode`. Nothing is sent anywhere. */
export async function decodeBytes(name: string, hex: readonly string[], options: DecodeOptions): Promise<void> {
  if (!/^\d{1,6}$/.test(options.apart)) throw cannot('--apart takes milliseconds, such as 50')
  const chunks = hex.map(bytesOf)
  const family = familyConfig(name, settingsOf(options.set))
  const made =
    family.of === 'reader'
      ? ofReader(familyOf(family.config).decoder(), chunks, Number(options.apart))
      : family.config.family === 'controller'
        ? ofController(chunks)
        : await ofBoard(family.config, chunks)
  process.stdout.write(options.json ? `${JSON.stringify({ family: family.config.family, ...made })}\n` : inLines(made))
}

export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex.replace(/[\s:]/g, ''))
  if (bytes === null) throw cannot(`${hex} is not hexadecimal: two digits a byte, such as 0230`)
  return bytes
}

function ofReader(decoder: Decoder, chunks: readonly Uint8Array[], apartMs: number): Made {
  const all: Decoded[] = [...decoder.begin(0)]
  let atMs = 0
  const wait = (untilMs: number) => {
    for (let times = 0; times < DUES_MAX; times++) {
      const due = decoder.dueMs()
      if (due === null || due > untilMs) return
      all.push(...decoder.due(due))
    }
  }
  for (const chunk of chunks) {
    all.push(...decoder.take(chunk, atMs))
    atMs += apartMs
    wait(atMs - 1)
  }
  wait(atMs + AFTERWARDS_MS)
  return {
    scans: all.flatMap(one => (one.kind === 'scan' ? [one.credential] : [])),
    dropped: all.flatMap(one => (one.kind === 'dropped' ? [one.why] : [])),
    answers: all.flatMap(one => (one.kind === 'answer' ? [toHex(one.bytes)] : [])),
    heard: [],
  }
}

function ofController(chunks: readonly Uint8Array[]): Made {
  const split = frameSplitter()
  const read = chunks.flatMap(chunk => split(chunk)).map(one => (one.ok ? decodeMessage(one.value) : one))
  return {
    scans: [],
    dropped: read.flatMap(one => (one.ok ? [] : [one.failure])),
    answers: [],
    heard: read.flatMap(one => (one.ok ? [one.value.message] : [])),
  }
}

/** The real driver hears the bytes, and the line is gone. */
async function ofBoard(config: BoardConfig, chunks: readonly Uint8Array[]): Promise<Made> {
  if (!('port' in config) || config.port.kind !== 'tcp')
    throw cannot(`${config.family} has no line of bytes to decode.`)
  const heard: BoardEvent[] = []
  const answers: string[] = []
  const line = benchLine(bytes => void answers.push(toHex(bytes)))
  const open = () => async () => line.port
  const driver = boardDriver(config, { clock: systemClock, random: Math.random, outputs: [], inputs: [], open })
  await using board = await driver.open(new AbortController().signal)
  for (const chunk of chunks) line.feed(chunk)
  line.end()
  await board.listen(event => void heard.push(event)).catch(() => {})
  return { scans: [], dropped: [], answers, heard }
}

function inLines({ scans, dropped, answers, heard }: Made): string {
  const lines = [
    ...scans.map(wordsOf),
    ...heard.map(one => JSON.stringify(one)),
    ...dropped.map(why => `dropped: ${why}`),
    ...answers.map(bytes => `answers ${bytes}`),
  ]
  return `${lines.length === 0 ? 'Nothing: noise, or a frame without its end.' : lines.join('\n')}\n`
}

/** A credential for a person at a terminal. */
export function wordsOf(credential: Credential): string {
  if (credential.kind === 'code') return `code ${credential.text}`
  const { technology, bitCount, bits } = credential.card
  return `${credential.kind} ${technology}, ${bitCount} bits: ${bits}`
}
