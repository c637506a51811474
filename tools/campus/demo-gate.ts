import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gate, PresentableKind } from '@gatehouse/shared/wire/api/gates.ts'
import { GateConfig, type GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { find } from '../checks/programs.ts'
import { type Child, type ChildOptions, runToEnd, startChild } from './child.ts'
import type { CloudClient } from './cloud-client.ts'
import type { DemoGate, DemoLane } from './demo-hardware.ts'

export type CampusNeeds = {
  readonly root: string
  readonly cloudUrl: string
  readonly mqttPort: number
  readonly file: (...names: string[]) => string
  readonly say: (line: string) => void
  readonly started: (child: Child) => void
}

/** A row of `simulators.json`: where the command line and the cloud's demo find a gate's simulated hardware. */
export type SimulatorEntry = {
  readonly gate: string
  readonly gateId: string
  readonly gateName: string
  readonly control: string
  readonly token: string
  readonly lanes: readonly {
    readonly lane: string
    readonly name: string
    readonly readers: readonly { readonly id: string; readonly kind: PresentableKind }[]
  }[]
}

type Port = PortConfig | ReportPortConfig

type SimulatorReady = {
  readonly control: string
  readonly lanes: readonly {
    readonly lane: string
    readonly readers: readonly { readonly id: string; readonly kind: PresentableKind; readonly port: Port }[]
  }[]
  readonly boards: readonly { readonly id: string; readonly port: Port }[]
}

/** Brings up one gate as an installer would: its hardware, its enrolment when it has none, its description, its process. */
export async function startDemoGate(
  gate: Gate,
  demo: DemoGate,
  cloud: CloudClient,
  needs: CampusNeeds,
): Promise<SimulatorEntry> {
  const { file, started } = needs
  const folder = file('gates', gate.shortName)
  mkdirSync(join(folder, 'ports'), { recursive: true, mode: 0o700 })

  const token = randomBytes(24).toString('base64url')
  const simulator = startChild({
    ...gatewayWord(needs, gate, 'simulate', [
      '--config',
      writeJson(join(folder, 'hardware.json'), simulated(gate, demo, folder, token)),
    ]),
    name: `the hardware of gate ${gate.shortName}`,
  })
  started(simulator)
  const ready = JSON.parse(await simulator.firstLine(line => line.includes('"ready":true'))) as SimulatorReady

  await enrol(gate, cloud, folder, needs)
  const hardware = described(gate, demo, ready)
  const status = { port: 0 }
  const config = GateConfig.parse(demo.described === 'file' ? { status, ...hardware } : { status })
  const configFile = writeJson(join(folder, 'gate.json'), config)
  started(startChild({ ...gatewayWord(needs, gate, 'run', ['--config', configFile]), name: `gate ${gate.shortName}` }))
  if (demo.described === 'cloud') await cloud.describe(gate.gateId, hardware)

  return {
    gate: gate.shortName,
    gateId: gate.gateId,
    gateName: gate.name,
    control: ready.control,
    token,
    lanes: ready.lanes.map(({ lane, readers }) => ({
      lane,
      name: gate.accessPoints.find(point => point.lane === lane)?.name ?? lane,
      readers: readers.map(({ id, kind }) => ({ id, kind })),
    })),
  }
}

async function enrol(gate: Gate, cloud: CloudClient, folder: string, needs: CampusNeeds): Promise<void> {
  const identity = join(folder, 'identity.json')
  if (!existsSync(identity)) {
    const code = await cloud.enrolmentCode(gate.gateId)
    await runToEnd({
      ...gatewayWord(needs, gate, 'enrol', ['--cloud', needs.cloudUrl, '--code', code, '--out', folder]),
      name: `enrolling gate ${gate.shortName}`,
    })
  }
  moveTo(identity, needs)
}

/** The campus may have been started on other ports than last time; the demo's gates follow it. */
function moveTo(identityFile: string, { cloudUrl, mqttPort }: CampusNeeds): void {
  const identity = JSON.parse(readFileSync(identityFile, 'utf8')) as GateIdentity
  if (identity.cloud === null || (identity.cloud.http === cloudUrl && identity.cloud.mqtt.port === mqttPort)) return
  const moved: GateIdentity = {
    ...identity,
    cloud: { http: cloudUrl, mqtt: { ...identity.cloud.mqtt, port: mqttPort } },
  }
  writeJson(identityFile, moved)
}

function gatewayWord(
  { root, file, say }: CampusNeeds,
  gate: Gate,
  word: string,
  args: readonly string[],
): Omit<ChildOptions, 'name'> {
  return {
    args: [join(root, 'gateway/src/cli/main.ts'), 'gateway', word, ...args],
    environment: {},
    logFile: file('logs', `gate-${gate.shortName}-${word}.log`),
    say,
  }
}

function simulated(gate: Gate, demo: DemoGate, folder: string, token: string) {
  return {
    gate: gate.shortName,
    control: { token },
    boards: demo.boards.map(board => ({ ...board, port: wire(folder, `board-${board.id}`, board.family) })),
    lanes: lanesOf(gate, demo).map(({ point, lane: { readers, door } }) => ({
      lane: point.lane,
      name: point.name,
      readers: readers.map(reader => ({
        ...reader,
        port: wire(folder, `${point.lane}-${reader.id}`, reader.family),
      })),
      door: { output: door.output, walker: door.walker },
    })),
  }
}

const HID_FAMILIES: readonly string[] = ['wedge', 'hid-pos', 'pcprox', 'hid-relay']

/** A pseudo-terminal where util-linux `script` can make one, else a port of the loopback; HID devices have a port of their own kind. */
function wire(folder: string, name: string, family: string) {
  if (HID_FAMILIES.includes(family)) return { kind: 'hid-tcp', port: 0 }
  return find('script') === null ? { kind: 'tcp', port: 0 } : { kind: 'pty', link: join(folder, 'ports', name) }
}

/** What an installer would describe, with the lines as the simulators have them. */
function described(gate: Gate, demo: DemoGate, ready: SimulatorReady) {
  return {
    boards: demo.boards.map(board => ({ ...board, port: ready.boards.find(({ id }) => id === board.id)!.port })),
    lanes: lanesOf(gate, demo).map(({ point, lane: { readers, door } }) => {
      const ports = ready.lanes.find(({ lane }) => lane === point.lane)!
      const { walker: _, ...wired } = door
      return {
        lane: point.lane,
        name: point.name,
        direction: point.direction,
        groups: point.groups,
        readers: readers.map(({ id, family }) => ({
          id,
          family: family === 'id12' ? 'rdm6300' : family,
          port: ports.readers.find(reader => reader.id === id)!.port,
        })),
        door: wired,
      }
    }),
  }
}

function lanesOf(gate: Gate, { lanes }: DemoGate): { point: Gate['accessPoints'][number]; lane: DemoLane }[] {
  return gate.accessPoints.flatMap(point => {
    const lane = lanes[point.lane]
    return lane === undefined ? [] : [{ point, lane }]
  })
}

function writeJson(path: string, value: unknown): string {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  return path
}
