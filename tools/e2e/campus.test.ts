import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Campus, clear, type Ground, ground, runWord, startCampus, stop } from './campus-process.ts'
import { type Session, signIn, type Watch, watch } from './session.ts'

/** One command, from real bytes to a live page: the whole chain as a person starts it, every part its own process. */

const UP_MS_MAX = 120_000

describe('a campus from one command', { timeout: UP_MS_MAX }, () => {
  let place: Ground
  let campus: Campus
  let guard: Session
  let feed: Watch

  beforeAll(async () => {
    place = await ground()
    campus = await startCampus(place)
    guard = await signIn(campus.url, campus.account('security'))
    feed = await watch(campus.url, guard)
  }, UP_MS_MAX)

  afterAll(async () => {
    await feed?.end()
    if (campus) await stop(campus.process)
    clear(place)
  })

  const present = (...args: string[]) => runWord(place.environment, 'present', ...args)
  const relay = async (gate: string, lane: string) => {
    const { control, token } = campus.simulator(gate)
    const answer = await fetch(`${control}/state`, { headers: { authorization: `Bearer ${token}` } })
    const lanes = (await answer.json()) as { lane: string; pulses: number; frames: string[] }[]
    return lanes.find(one => one.lane === lane)!
  }

  test('it says where it is, who may sign in, how to present a card and how to stop', () => {
    const said = campus.said.join('\n')
    expect(said).toContain(`Gatehouse is ready: http://localhost:${place.httpPort}`)
    expect(said).toContain(campus.account('security').password)
    expect(said).toContain('./gatehouse present --gate north --lane in --card 01000734E0')
    expect(said).toContain('Ctrl-C')
  })

  test('a known card opens: relay bytes, event, live line with the name', async () => {
    const before = await relay('north', 'in')
    const { code, out } = await present('--gate', 'north', '--lane', 'in', '--card', '01000734E0')
    expect({ code, out }).toMatchObject({ code: 0 })

    const line = await feed.line(one => one.kind === 'granted')
    expect(line).toMatchObject({
      gateName: expect.stringMatching(/north/i),
      lane: 'in',
      technology: 'em4100',
      refusal: null,
    })
    expect(line.holder?.name).toBeTruthy()

    const after = await relay('north', 'in')
    expect(after.pulses).toBe(before.pulses + 1)
    expect(after.frames).toContain('a00101a2')

    const { data } = await guard.call<AccessLine[]>('GET', `/access-events?gateId=${line.gateId}&kind=granted`)
    expect(data?.map(one => one.sequence)).toContain(line.sequence)
  })

  test('an unknown card is refused with its reason, and no relay moves', async () => {
    const before = await relay('south', 'in')
    expect((await present('--gate', 'south', '--card', '0BADC0FFEE')).code).toBe(0)
    const line = await feed.line(one => one.refusal === 'unknown_pass')
    expect(line).toMatchObject({ kind: 'refused', holder: null })
    expect((await relay('south', 'in')).pulses).toBe(before.pulses)
  })

  test('a pass code opens the gate whose board times its own pulse', async () => {
    const { data } = await guard.call<{ credentials: { kind: string; value: string }[] }>('GET', '/demo/presentables')
    const code = data!.credentials.find(one => one.kind === 'qr')!.value
    expect(code).toMatch(/^[1-9][0-9]{225}$/)
    expect((await present('--gate', 'south', '--qr', code)).code).toBe(0)
    const line = await feed.line(one => one.technology === 'ghp1')
    expect(line.kind).toBe('granted')
    // Its contacts are asked for all the while: what was written last is the pulse.
    const { frames } = await relay('south', 'in')
    expect(frames.findLast(frame => frame.startsWith('0105'))).toMatch(/^01050200/)
  })

  test('the dashboard’s present control goes the same way', async () => {
    const answer = await guard.call('POST', '/demo/present', { gate: 'north', lane: 'out', card: '0BADC0FFEE' })
    expect(answer.status).toBe(202)
    const line = await feed.line(one => one.lane === 'out')
    expect(line, 'leaving is not refused, and says what would have refused an entry').toMatchObject({
      kind: 'granted',
      objection: 'unknown_pass',
    })
  })

  test('a revoked pass is refused at the gate soon after', async () => {
    const admin = await signIn(campus.url, campus.account('school_admin'))
    const granted = await feed.line(one => one.kind === 'granted' && one.lane === 'in' && one.technology === 'em4100')
    const revoked = await admin.call('POST', `/passes/${granted.passId}/revocation`, { note: 'left the school' })
    expect(revoked.status).toBe(201)

    // The list travels by itself; each try is another presentation, as an impatient person makes them.
    for (let tries = 0; tries < 20; tries++) {
      await present('--gate', 'north', '--lane', 'in', '--card', '01000734E0')
      const { data } = await guard.call<AccessLine[]>('GET', `/access-events?passId=${granted.passId}&kind=refused`)
      if (data!.some(line => line.refusal === 'revoked')) return
    }
    expect.fail('the revoked pass was never refused')
  })

  test('a gate with more than one lane asks which', async () => {
    const { code, problem } = await present('--gate', 'north', '--card', '01000734E0')
    expect(code).not.toBe(0)
    expect(problem).toMatch(/lane/i)
    expect(problem).toMatch(/in.*out/s)
  })

  test('an unknown gate is named, with those there are', async () => {
    const { code, problem } = await present('--gate', 'nowhere', '--card', '01000734E0')
    expect(code).not.toBe(0)
    expect(problem).toMatch(/nowhere.*north.*south/s)
  })

  test('a wider subscription than one’s right is refused', async () => {
    await expect(feed.client.subscribeAsync('#')).rejects.toThrow()
    await expect(feed.client.subscribeAsync('feed/another-school/access')).rejects.toThrow()
  })

  test('a second start on the same folder gets one sentence', async () => {
    const { code, problem } = await runWord(place.environment, 'start')
    expect(code).toBe(1)
    expect(problem.trim()).toMatch(/^A campus is already running on .*GATEHOUSE_DATA\.$/)
  })

  test('a cloud killed outright comes back, and what happened meanwhile is there once', async () => {
    const [cloud] = processesOf(place.data, 'cloud/src/cli/main.ts')
    process.kill(Number(cloud), 'SIGKILL')
    expect((await present('--gate', 'south', '--card', '62E3086CED')).code).toBe(0)

    const granted = await until(async () => {
      guard = await signIn(campus.url, campus.account('security'))
      const { data } = await guard.call<AccessLine[]>('GET', '/access-events?kind=granted&limit=100')
      return data?.some(({ gateName, technology }) => /south/i.test(gateName) && technology === 'em4100') ? data : null
    })
    expect(
      granted.filter(({ gateName, technology }) => /south/i.test(gateName) && technology === 'em4100'),
    ).toHaveLength(1)
  })

  test('a gate killed outright comes back without moving its door, and goes on', async () => {
    const before = await relay('south', 'in')
    const [gate] = processesOf(place.data, 'gateway run', 'gates/south')
    process.kill(Number(gate), 'SIGKILL')
    const boots = async () => {
      const { data } = await guard.call<AccessLine[]>('GET', '/access-events?kind=boot&limit=100')
      return data!.filter(({ gateName }) => /south/i.test(gateName)).length
    }
    const known = await boots()
    await until(async () => ((await boots()) > known ? true : null))
    expect((await relay('south', 'in')).pulses).toBe(before.pulses)
    expect((await present('--gate', 'south', '--card', '62E3086CED')).code).toBe(0)
    await until(async () => ((await relay('south', 'in')).pulses > before.pulses ? true : null))
  })

  test('stopping ends every child, a warm start keeps the data, and a killed one leaves nothing behind', async () => {
    await feed.end()
    expect(await stop(campus.process)).toBe(0)
    expect(survivors(place.data)).toEqual([])

    campus = await startCampus(place)
    guard = await signIn(campus.url, campus.account('security'))
    const { data } = await guard.call<AccessLine[]>('GET', '/access-events?kind=granted')
    expect(data!.some(line => line.technology === 'em4100')).toBe(true)

    await stop(campus.process, 'SIGKILL')
    await gone(place.data)
    campus = await startCampus(place)
  })

  test('no log holds a card number, a password or a token', () => {
    const secrets = [
      campus.account('security').password,
      campus.account('school_admin').password,
      '01000734E0',
      '0BADC0FFEE',
      guard.token,
      campus.simulator('north').token,
    ]
    for (const log of execFileSync('find', [join(place.data, 'logs'), '-type', 'f'], { encoding: 'utf8' })
      .trim()
      .split('\n')) {
      const text = readFileSync(log, 'utf8').toUpperCase()
      for (const secret of secrets) expect(text.includes(secret.toUpperCase()), `${log} holds a secret`).toBe(false)
    }
  })
})

/** Processes whose command line or environment names the data folder. */
function survivors(data: string): string[] {
  return pids().filter(pid => pid !== String(process.pid) && said(pid, 'cmdline', 'environ').includes(data))
}

/** Processes of the campus whose command line has all these words. */
function processesOf(data: string, ...words: readonly string[]): string[] {
  return survivors(data).filter(pid => {
    const commandLine = said(pid, 'cmdline').replaceAll('\0', ' ')
    return words.every(word => commandLine.includes(word))
  })
}

function pids(): string[] {
  return readdirSync('/proc').filter(name => /^[0-9]+$/.test(name))
}

/** What /proc has of a process; nothing once it is gone. */
function said(pid: string, ...files: readonly ('cmdline' | 'environ')[]): string {
  try {
    return files.map(file => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('\0')
  } catch {
    return ''
  }
}

function gone(data: string): Promise<true> {
  return until(async () => (survivors(data).length === 0 ? true : null))
}

/** Asks again until there is an answer; a deadline, not a measurement. */
async function until<Answer>(ask: () => Promise<Answer | null>): Promise<Answer> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const answer = await ask().catch(() => null)
    if (answer !== null) return answer
    if (Date.now() > deadline) throw new Error('no answer within a minute')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
