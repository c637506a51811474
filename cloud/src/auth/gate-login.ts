import { timingSafeEqual } from 'node:crypto'
import { type FoundGate, findGate } from '../db/definer.ts'
import type { Db } from '../db/tables.ts'
import { hashOf } from './secret-hash.ts'

/** The enrolled gate with this id and broker secret, or null. The same secret serves MQTT and the device's HTTP. */
export async function checkGate(db: Db, gateId: string, secret: string): Promise<FoundGate | null> {
  const gate = await findGate(db, gateId)
  if (gate === undefined || gate.broker_secret_hash === null) return null
  const same = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(gate.broker_secret_hash))
  return same ? gate : null
}
