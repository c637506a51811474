import { toHex } from '@gatehouse/shared/bytes.ts'
import type { Credential } from '../ports.ts'
import type { Decoded, Decoder } from '../readers/decoder.ts'

/** What a decoder made of what it was given. */
export type Made = {
  /** Codes as text; cards as technology, bits and, where it is no whole number of bytes, their count. */
  readonly scans: readonly string[]
  readonly dropped: readonly string[]
  /** In hexadecimal. */
  readonly answers: readonly string[]
}

/** Gives a decoder chunk after chunk, `msApart` milliseconds apart, and lets it have every moment that it asked for in between. */
export function decode(decoder: Decoder, chunks: readonly (Uint8Array | string)[], msApart = 0): Made {
  const made: Decoded[] = [...decoder.begin(0)]
  let atMs = 0
  for (const chunk of chunks) {
    const nextMs = atMs + msApart
    for (let due = decoder.dueMs(); due !== null && due <= nextMs; due = decoder.dueMs()) made.push(...decoder.due(due))
    atMs = nextMs
    made.push(...decoder.take(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk, atMs))
  }
  return madeOf(made)
}

export function madeOf(made: readonly Decoded[]): Made {
  return {
    scans: made.flatMap(one => (one.kind === 'scan' ? [wordsOf(one.credential)] : [])),
    dropped: made.flatMap(one => (one.kind === 'dropped' ? [one.why] : [])),
    answers: made.flatMap(one => (one.kind === 'answer' ? [toHex(one.bytes)] : [])),
  }
}

export function wordsOf(credential: Credential): string {
  if (credential.kind === 'code') return credential.text
  const { technology, bitCount, bits } = credential.card
  const whole = bitCount === bits.length * 4 ? '' : `/${bitCount}`
  return `${credential.kind === 'misread' ? 'misread ' : ''}${technology} ${bits}${whole}`
}

/** Every way to cut bytes in two, and one byte at a time. */
export function awkwardly(bytes: Uint8Array): Uint8Array[][] {
  const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)])
  return [...cuts, Array.from(bytes, byte => Uint8Array.of(byte))]
}
