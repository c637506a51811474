import { checkGate } from '../auth/gate-login.ts'
import { openBroker } from '../broker/open-broker.ts'
import { openDatabase } from '../db/open.ts'
import { startIngest } from '../events/ingest.ts'
import { memoryLog } from './memory-log.ts'

/** The part of the cloud between a gate's connection and the database, as a process of its own that can be killed. */

export type IngestProcessOptions = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly mqttPort: number
}

const { dataFolder, databaseUrl, mqttPort } = JSON.parse(process.argv[2]!) as IngestProcessOptions
const log = memoryLog()
const database = await openDatabase({ dataFolder, databaseUrl, databaseOwnerUrl: null }, () => {})
const broker = await openBroker({
  dataFolder,
  host: '127.0.0.1',
  mqttPort,
  publicUrl: 'http://localhost:8080',
  mqttUrl: null,
  mqttCaFile: null,
  onSessionEnded: () => {},
  checkGate: (gateId, password) => checkGate(database.db, gateId, password),
  checkToken: async () => null,
  checkKey: async () => null,
  log,
})
await startIngest({
  db: database.db,
  broker: broker.gates,
  signAck: async (_schoolId, ack) => JSON.stringify(ack),
  log,
})
process.on('disconnect', () => process.exit(0))
process.send!({ port: broker.port, ca: broker.gateAddress.ca })
