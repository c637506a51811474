import { GATE_CONFIGURATION_CHARS_MAX } from '@gatehouse/shared/command/gate-configuration.ts'
import {
  checkGateConfiguration,
  type GateConfigurationAnswer,
  getGateConfiguration,
  putGateConfiguration,
  restoreGateConfiguration,
} from '@gatehouse/shared/wire/api/gate-configuration.ts'
import { type Described, type Description, describedHardware } from '@gatehouse/shared/wire/hardware/described.ts'
import { hardwareChanges } from '@gatehouse/shared/wire/hardware/diff.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { Mistake } from '@gatehouse/shared/wire/hardware/mistakes.ts'
import { GateState } from '@gatehouse/shared/wire/messages.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { type Answer, actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Detail, Problem } from '../http/problem.ts'
import {
  configurationHistory,
  findConfiguration,
  newestConfiguration,
  sendConfiguration,
} from './gate-configuration.repo.ts'
import { accessPoints, findGateRow, type GateRow } from './gates.repo.ts'

export type GateConfigurationRoutesNeeds = { readonly db: Db; readonly nowMs: () => number }

const PROBLEMS = {
  no_such_gate: { status: 404, code: 'not_found', message: 'There is no gate with that id.' },
  no_such_version: { status: 404, code: 'not_found', message: 'No such version was sent to this gate.' },
  overtaken: {
    status: 409,
    code: 'overtaken',
    message: 'Somebody else sent another description since you read it. Read it again; what you typed is still here.',
  },
} satisfies Record<string, Problem>

/** Details that an answer carries; who has more of them sees the others after mending these. */
const DETAILS_MAX = 50

/** A signature and two base64 passes make a document longer by less than this. */
const DOCUMENT_CHARS_MAX = Math.floor((GATE_CONFIGURATION_CHARS_MAX - 2_000) * 0.7)

/** What hangs on a gate: read, checked, sent, and sent again. */
export function gateConfigurationRoutes(routes: Binder, { db, nowMs }: GateConfigurationRoutesNeeds): void {
  const atGate = <Data>(
    who: SchoolPerson,
    gateId: string,
    work: (tx: Tx, row: GateRow) => Promise<Answer<Data>>,
  ): Promise<Answer<Data>> =>
    inSchool(db, who.school.id, async tx => {
      const row = await findGateRow(tx, gateId)
      return row === undefined ? { problem: PROBLEMS.no_such_gate } : work(tx, row)
    })

  const send = async (
    tx: Tx,
    row: GateRow,
    who: SchoolPerson,
    { basedOn, hardware }: { readonly basedOn: number; readonly hardware: HardwareConfig },
  ): Promise<Answer<GateConfigurationAnswer>> => {
    const sent = await sendConfiguration(tx, actorOf(who, nowMs()), { gateId: row.id, basedOn, hardware })
    return sent.ok ? { data: await answerOf(tx, row) } : { problem: PROBLEMS[sent.failure] }
  }

  routes.inSchool(getGateConfiguration, ({ params: { gateId }, who }) =>
    atGate(who, gateId, async (tx, row) => ({ data: await answerOf(tx, row) })),
  )

  routes.inSchool(checkGateConfiguration, ({ params: { gateId }, body, who }) =>
    atGate(who, gateId, async tx => {
      const { hardware, mistakes } = await read(tx, gateId, body)
      const newest = await newestConfiguration(tx, gateId)
      const changes = hardware === null ? [] : hardwareChanges(newest?.document ?? null, hardware)
      return { data: { mistakes: detailsOf(mistakes ?? []), changes } }
    }),
  )

  routes.inSchool(putGateConfiguration, ({ params: { gateId }, body: { basedOn, ...body }, who }) =>
    atGate(who, gateId, async (tx, row) => {
      const { hardware, mistakes } = await read(tx, gateId, body)
      if (mistakes !== null) return { problem: problemOf(mistakes) }
      return send(tx, row, who, { basedOn, hardware })
    }),
  )

  routes.inSchool(restoreGateConfiguration, ({ params: { gateId, version }, body: { basedOn }, who }) =>
    atGate(who, gateId, async (tx, row) => {
      const earlier = await findConfiguration(tx, gateId, version)
      if (earlier === undefined) return { problem: PROBLEMS.no_such_version }
      // A setting that was made impossible since is said instead of sent.
      const { hardware, mistakes } = await read(tx, gateId, earlier.document)
      if (mistakes !== null) return { problem: problemOf(mistakes) }
      return send(tx, row, who, { basedOn, hardware })
    }),
  )
}

async function read(tx: Tx, gateId: string, description: Description): Promise<Described> {
  const places = ((await accessPoints(tx)).get(gateId) ?? []).map(({ lane, name, direction, groups }) => ({
    lane,
    name,
    direction,
    groups,
  }))
  const described = describedHardware(places, withoutPlaces(description))
  if (described.mistakes !== null || JSON.stringify(described.hardware).length <= DOCUMENT_CHARS_MAX) return described
  return {
    hardware: null,
    mistakes: [{ path: [], message: 'the description is too long: leave out what no lane needs' }],
  }
}

/** Names, ways and groups of an earlier document are the access points' of then. */
function withoutPlaces({ boards, lanes }: Description): Description {
  const bare = (lane: unknown) => {
    if (typeof lane !== 'object' || lane === null) return lane
    const { name: _name, direction: _direction, groups: _groups, ...rest } = lane as Record<string, unknown>
    return rest
  }
  return { boards, lanes: lanes.map(bare) }
}

async function answerOf(tx: Tx, { id, state }: GateRow): Promise<GateConfigurationAnswer> {
  const newest = await newestConfiguration(tx, id)
  return {
    newest: newest === undefined ? null : { version: newest.version, ...newest.document },
    reported: GateState.safeParse(state).data?.config ?? null,
    history: await configurationHistory(tx, id),
  }
}

function problemOf(mistakes: readonly Mistake[]): Problem {
  const details = detailsOf(mistakes)
  const said = details.map(({ path, message }) => `${path || 'description'} ${message}`).join('; ')
  return {
    status: 422,
    code: 'validation_failed',
    message: `Nothing was sent: ${said}.`.slice(0, 500),
    details,
  }
}

function detailsOf(mistakes: readonly Mistake[]): Detail[] {
  return mistakes.slice(0, DETAILS_MAX).map(({ path, message }) => ({ path: path.join('.'), message }))
}
