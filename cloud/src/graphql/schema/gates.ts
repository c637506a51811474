import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { accessPoints, listGates } from '../../gates/gates.repo.ts'
import { gateOf } from '../../gates/gates.routes.ts'
import { GROUPS_MAX } from '../../groups/groups.repo.ts'
import { idOf } from '../checked.ts'
import { asks, atMost } from './builder.ts'
import type { Writing } from './refs.ts'

/** A school has so many gates, a gate so many ways: for the cost of what is asked. */
const GATES_MAX = 100
const POINTS_MAX = 16

/** Gates and their access points. */
export function writeGates({ builder, refs }: Writing): void {
  const AccessPoint = builder.objectRef<Gate['accessPoints'][number]>('AccessPoint').implement({
    description: 'A way in or out at a gate.',
    fields: t => ({
      id: t.exposeID('id'),
      lane: t.exposeString('lane'),
      name: t.exposeString('name'),
      direction: t.exposeString('direction'),
      groups: t.exposeIntList('groups', atMost(GROUPS_MAX)),
    }),
  })
  refs.Gate.implement({
    fields: t => ({
      id: t.exposeID('gateId'),
      shortName: t.exposeString('shortName'),
      name: t.exposeString('name'),
      online: t.exposeBoolean('online'),
      since: t.expose('since', { type: 'DateTime', nullable: true }),
      enrolled: t.exposeBoolean('enrolled'),
      listVersion: t.exposeInt('listVersion', { nullable: true }),
      listIssuedAt: t.expose('listIssuedAt', { type: 'DateTime', nullable: true }),
      lastEventAt: t.expose('lastEventAt', { type: 'DateTime', nullable: true }),
      waiting: t.exposeInt('waiting', { nullable: true, description: 'Events it holds that are not stored yet.' }),
      inside: t.exposeInt('inside', { nullable: true }),
      accessPoints: t.field({ type: [AccessPoint], ...atMost(POINTS_MAX), resolve: gate => gate.accessPoints }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })
  const unnoted = 'gates are nobody'
  builder.queryFields(t => ({
    gates: t.field({
      type: [refs.Gate],
      description: 'All of the school, by short name.',
      ...asks(['gate:read'], { unnoted, atMost: GATES_MAX }),
      resolve: (_root, _args, call) =>
        call.read(async tx => {
          const points = await accessPoints(tx)
          return (await listGates(tx)).map(row => gateOf(row, points))
        }),
    }),
    gate: t.field({
      type: refs.Gate,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['gate:read'], { unnoted }),
      resolve: (_root, { id }, { load }) => (idOf(id) === null ? null : load.gate.load(id.toLowerCase())),
    }),
  }))
}
