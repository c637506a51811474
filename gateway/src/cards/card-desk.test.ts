import { generateKeyPairSync } from 'node:crypto'
import { ok } from '@gatehouse/shared/result.ts'
import { expect, test } from 'vitest'
import type { Happening } from '../recorder.ts'
import type { UnknownCard } from '../store/unknown-cards.ts'
import { testEnrolment } from '../testing/enrolment.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { passRow, testSchool } from '../testing/school.ts'
import { cardDeskOf } from './card-desk.ts'

const school = testSchool()
const enrolment = testEnrolment(school)
const IN = { lane: 'in', reader: 'card' }
const OUT = { lane: 'out', reader: 'card' }
const card = { technology: 'em4100', bitCount: 40, bits: '62e3086ced' } as const
const ANOTHER = { ...card, bits: '01000734e0' }

function desk() {
  const clock = handClock()
  const noted: UnknownCard[] = []
  const recorded: Happening[] = []
  const sent: { sealed: string; untilMs: number }[] = []
  let told = () => {}
  const { can, obey, seen } = cardDeskOf({
    tenant: school.tenant,
    gate: 'gate-north-1',
    readers: () => [IN, OUT],
    signingKey: school.gateKey.privateKey,
    journal: { noteUnknownCard: one => void noted.push(one) },
    recorder: {
      now: () => ({
        trustedMs: clock.wallMs(),
        quality: 'confirmed',
        wallMs: clock.wallMs(),
        monotonicMs: clock.monotonicMs(),
      }),
      record(happening) {
        recorded.push(happening)
        return ok({} as never)
      },
    },
    send(sealed, untilMs) {
      sent.push({ sealed, untilMs })
      told()
    },
    clock,
    log: memoryLog(),
  })
  /** Everything that was sent, opened, once there are so many. */
  const opened = async (count: number) => {
    while (sent.length < count) await new Promise<void>(resolve => (told = resolve))
    return Promise.all(sent.map(({ sealed }) => enrolment.open(sealed)))
  }
  const arm = (place = IN, more = {}) => {
    const command = enrolment.command({}, { ...place, ...more })
    obey(command)
    return command.id
  }
  return { clock, noted, recorded, sent, can, arm, seen, opened }
}

test('a reader is armed for sixty seconds of the monotonic clock, wherever the wall goes', async () => {
  const { clock, arm, seen, sent, opened } = desk()
  arm()
  clock.setWall(0)
  clock.advance(59_999)
  seen(IN, card, null)
  expect(await opened(1)).toMatchObject([card])
  arm()
  clock.advance(60_000)
  seen(IN, card, null)
  expect(sent).toHaveLength(1)
})

test('a sealed card may be late by a minute', async () => {
  const { arm, seen, sent, opened } = desk()
  arm()
  seen(IN, card, null)
  await opened(1)
  expect(sent[0]!.untilMs).toBe(120_000)
})

test('armed again the time begins anew, and the newer command is answered', async () => {
  const { clock, arm, seen, opened } = desk()
  arm()
  clock.advance(40_000)
  const second = arm()
  clock.advance(40_000)
  seen(IN, card, null)
  expect(await opened(1)).toMatchObject([{ command: second }])
})

test('two lanes are armed by themselves: each card goes with its own command', async () => {
  const { arm, seen, opened, recorded } = desk()
  const [first, second] = [arm(IN), arm(OUT)]
  seen(OUT, card, null)
  seen(OUT, ANOTHER, null)
  seen(IN, ANOTHER, null)
  expect((await opened(2)).map(({ lane, command, bits }) => [lane, command, bits]).toSorted()).toEqual([
    ['in', first, ANOTHER.bits],
    ['out', second, card.bits],
  ])
  expect(recorded.map(({ lane, details }) => [lane, details?.command])).toEqual([
    ['out', second],
    ['in', first],
  ])
})

test('a card that the list has is said to be known, is kept nowhere, and the reader waits on', async () => {
  const { arm, seen, opened, recorded, noted } = desk()
  const command = arm()
  seen(IN, ANOTHER, passRow())
  expect(recorded).toEqual([
    {
      kind: 'command',
      lane: 'in',
      passId: passRow().passId,
      details: { command, reader: 'card', found: 'known_card' },
    },
  ])
  expect(noted).toEqual([])
  seen(IN, card, null)
  expect(await opened(1)).toMatchObject([card])
})

test('while nobody has armed anything an unknown card is written down here and nothing is said', () => {
  const { seen, recorded, sent, noted, clock } = desk()
  seen(IN, card, null)
  expect([recorded, sent]).toEqual([[], []])
  expect(noted).toEqual([{ ...IN, card, atMs: clock.wallMs() }])
})

test('only a reader of this gate can be armed', () => {
  const { can } = desk()
  const { order } = enrolment.command()
  expect(can({ ...order, ...IN })).toMatchObject({ ok: true })
  expect(can({ ...order, lane: 'in', reader: 'qr' })).toEqual({ ok: false, failure: 'no_such_reader' })
})

test('the seal opens with the school’s key and no other, and says nothing outside', async () => {
  const { arm, seen, opened, sent } = desk()
  arm()
  seen(IN, card, null)
  await opened(1)
  const { sealed } = sent[0]!
  const header = JSON.parse(Buffer.from(sealed.split('.')[0]!, 'base64url').toString())
  expect(header).toMatchObject({
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    kid: 'test-campus/enrolment/1',
    typ: 'gh-sealed-card+1',
  })
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await expect(enrolment.open(sealed, stranger)).rejects.toThrow('decryption')
})
