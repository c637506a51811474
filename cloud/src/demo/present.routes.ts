import { readFile } from 'node:fs/promises'
import { demoPresent, demoPresentables, PRESENTABLE_KINDS, type PresentBody } from '@gatehouse/shared/wire/api/gates.ts'
import { z } from 'zod'
import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import type { Binder } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import type { Vault } from '../keys/vault.ts'
import { presentableCredentials } from './presentables.repo.ts'

export type PresentRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  /** Written by whoever starts the simulators; null where the hardware is real. */
  readonly simulatorsFile: string | null
}

/** Simulated hardware listens on this machine, and nowhere else is anything sent. */
const Loopback = z
  .url()
  .refine(text => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(text).hostname), 'must be on this machine')

const Simulators = z.array(
  z.object({
    /** The short name. */
    gate: z.string(),
    gateId: z.string(),
    gateName: z.string(),
    control: Loopback,
    token: z.string(),
    lanes: z.array(
      z.object({
        lane: z.string(),
        name: z.string(),
        readers: z.array(z.object({ id: z.string(), kind: z.enum(PRESENTABLE_KINDS) })),
      }),
    ),
  }),
)
type Simulator = z.infer<typeof Simulators>[number]

const Presented = z.object({ gate: z.string(), lane: z.string(), reader: z.string(), bytes: z.int() })
const PRESENT_MS_MAX = 5_000

const NO_SIMULATORS: Problem = {
  status: 404,
  code: 'not_found',
  message: 'No simulated hardware runs here. Present a card at a reader.',
}
const noSuchGate = (gate: string): Problem => ({
  status: 404,
  code: 'not_found',
  message: `No simulated gate is called ${gate}.`,
})
const NO_ANSWER: Problem = {
  status: 502,
  code: 'simulator_away',
  message: 'The simulated hardware of this gate does not answer. Start it again with npm start.',
}

/** The demo's simulated readers, each on the wire its gate listens to. */
export function presentRoutes(routes: Binder, { db, vault, simulatorsFile }: PresentRoutesNeeds): void {
  routes.inSchool(demoPresentables, async ({ who }) => {
    const simulators = await readSimulators(simulatorsFile)
    if (simulators === null) return { problem: NO_SIMULATORS }
    const lanes = simulators.flatMap(({ gate, gateName, lanes: all }) =>
      all.map(({ lane, name, readers }) => ({
        gate,
        gateName,
        lane,
        name,
        readers: [...new Set(readers.map(({ kind }) => kind))],
      })),
    )
    const { id: schoolId, tenant } = who.school
    const credentials = await inSchool(db, schoolId, tx => presentableCredentials(tx, vault, { schoolId, tenant }))
    return { data: { lanes, credentials } }
  })

  routes.inSchool(demoPresent, async ({ body }) => {
    const simulators = await readSimulators(simulatorsFile)
    if (simulators === null) return { problem: NO_SIMULATORS }
    const simulator = simulators.find(({ gate, gateId }) => gate === body.gate || gateId === body.gate)
    return simulator === undefined ? { problem: noSuchGate(body.gate) } : present(simulator, body)
  })
}

/** Read at each use: the simulators begin after the cloud, and may begin again. */
async function readSimulators(file: string | null): Promise<Simulator[] | null> {
  if (file === null) return null
  try {
    return Simulators.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null
  }
}

async function present({ control, token, gate }: Simulator, { lane, card, qr, pin }: z.output<typeof PresentBody>) {
  try {
    const answer = await fetch(new URL('/present', control), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lane, card, qr, pin }),
      signal: AbortSignal.timeout(PRESENT_MS_MAX),
    })
    const said: unknown = await answer.json()
    const done = Presented.safeParse(said)
    if (answer.ok && done.success) return { data: { ...done.data, gate } }
    return answer.status === 400 ? { problem: refusedBy(said) } : { problem: NO_ANSWER }
  } catch {
    return { problem: NO_ANSWER }
  }
}

/** The simulator says in a sentence what it cannot do: a lane it does not have, a card of the wrong length. */
function refusedBy(said: unknown): Problem {
  const Sentence = z.union([
    z.object({ message: z.string() }),
    z.object({ error: z.string() }).transform(({ error }) => ({ message: error })),
  ])
  const sentence = Sentence.safeParse(said).data?.message ?? 'The simulated reader does not take this.'
  return { status: 422, code: 'validation_failed', message: sentence.slice(0, 300) }
}
