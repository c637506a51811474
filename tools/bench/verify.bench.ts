import { execFileSync } from 'node:child_process'
import { createPublicKey, sign, verify } from 'node:crypto'
import { nodePassKeys } from '../../shared/src/cli/node-pass-keys.ts'
import { openPass, presentedAs } from '../../shared/src/pass/check.ts'
import { codeOf, ISSUER, NOW_S } from '../../shared/src/pass/testing/test-campus.ts'
import { show } from './figures.ts'

const RUNS = 4_000

/** A code from its digits to what `decide` is told, against the bare signature check of the same OpenSSL. */
export async function run(): Promise<void> {
  const issuer = createPublicKey(ISSUER)
  const keys = () => nodePassKeys({ issuerKey: () => issuer, totpSecret: null })
  const check = (digits: string, by: ReturnType<typeof keys>) => {
    const opened = openPass(digits, { tenant: 'test-campus', nowS: NOW_S, clock: 'confirmed', keys: by })
    const presented = presentedAs(opened, { keys: by, deviceKey: null, lastGrantedS: null })
    if (presented.kind !== 'code' || presented.certificate.found !== 'signed')
      throw new Error('a good pass was refused')
  }

  const input = Buffer.alloc(117, 1)
  const signature = sign(null, input, ISSUER)
  const [printed, moving] = [codeOf.static(), codeOf.dynamic()]
  const warm = keys()
  const [floorUs, staticUs, coldUs, warmUs] = microseconds([
    () => verify(null, input, issuer, signature),
    () => check(printed, keys()),
    () => check(moving, keys()),
    () => check(moving, warm),
  ]) as [number, number, number, number]

  const us = (value: number) => `${value.toFixed(1)} us`
  const speedUs = opensslUs()
  show([
    { name: 'crypto.verify Ed25519, the floor', figures: us(floorUs), ratio: 1 },
    ...(speedUs === null ? [] : [{ name: 'openssl speed ed25519', figures: us(speedUs), ratio: speedUs / floorUs }]),
    { name: 'STATIC, whole code', figures: us(staticUs), ratio: staticUs / floorUs },
    { name: 'DYNAMIC, never seen', figures: us(coldUs), ratio: coldUs / floorUs },
    { name: 'DYNAMIC, certificate remembered', figures: us(warmUs), ratio: warmUs / floorUs },
  ])
}

/** The middle of many runs of each, taking turns: a machine that is busy for a while is busy for all of them. */
function microseconds(works: readonly (() => void)[]): number[] {
  const times: number[][] = works.map(() => [])
  for (let run = 0; run < RUNS + RUNS / 4; run++) {
    for (const [at, work] of works.entries()) {
      const began = process.hrtime.bigint()
      work()
      const tookUs = Number(process.hrtime.bigint() - began) / 1000
      if (run >= RUNS / 4) times[at]!.push(tookUs)
    }
  }
  return times.map(some => some.toSorted((a, b) => a - b)[RUNS / 2]!)
}

/** The same check by OpenSSL's own measure; null where it is not installed. */
function opensslUs(): number | null {
  try {
    const said = execFileSync('openssl', ['speed', '-seconds', '2', 'ed25519'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const perSecond = Number(/Ed25519\).*\s(\d+\.\d+)\s*$/m.exec(String(said))?.[1])
    return perSecond > 0 ? 1e6 / perSecond : null
  } catch {
    return null
  }
}
