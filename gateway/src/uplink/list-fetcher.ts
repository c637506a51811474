import { DELTA_OPS_MAX } from '@gatehouse/shared/list/documents.ts'
import { perTable, TABLES, type Table } from '@gatehouse/shared/list/rows.ts'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { httpBytes } from '../devices/http-text.ts'
import type { Parts, Wanted } from '../list/list-keeper.ts'

/** Base64url of the widest rows that a delta may put in, and what is around them. */
const DELTA_BYTES_MAX = DELTA_OPS_MAX * 41 * 2

const POLICY_BYTES_MAX = 4 * 1024 * 1024

/** A file is asked for again, from where it broke off, as long as each try brings something; and this often when none does. */
const TRIES = 3

export type ListFetcherNeeds = {
  readonly cloud: NonNullable<GateIdentity['cloud']>
  readonly gateId: string
  readonly scope: string
  readonly signal: AbortSignal
}

/** Fetches what a head asks for. Throws when the cloud does not have it or does not answer; what came is verified elsewhere. */
export function listFetcher({ cloud, gateId, scope, signal }: ListFetcherNeeds): (wanted: Wanted) => Promise<Parts> {
  const base = `${cloud.http.replace(/\/$/, '')}/device/v1/lists/${scope}`

  const fetchOne = async (what: string, bytesMax: number): Promise<Buffer> => {
    // Put where they stay as they come: to join the parts of a long file at its end is one long pause.
    const bytes = Buffer.allocUnsafeSlow(bytesMax)
    let length = 0
    for (let tries = TRIES; ; ) {
      const before = length
      try {
        const { status } = await httpBytes({
          url: `${base}/${what}`,
          login: { user: gateId, password: cloud.mqtt.password },
          ca: cloud.mqtt.ca,
          bytesMax,
          signal,
          from: length,
          onPart(part, status) {
            if (status !== 206 && status !== 200) return
            // The whole again, from somebody who does not know ranges.
            if (status === 200 && before > 0 && length === before) length = 0
            length += part.copy(bytes, length)
          },
        })
        if (status === 200 || status === 206) return bytes.subarray(0, length)
        throw new Refused(`the cloud answered ${status} for the list's ${what}`)
      } catch (error) {
        if (length > before) tries = TRIES
        else tries--
        if (error instanceof Refused || signal.aborted || tries <= 0 || length >= bytesMax) throw error
      }
    }
  }

  return async ({ policy, steps, files }) => {
    const deltas: string[] = []
    const policyJws = policy === null ? null : (await fetchOne(`files/${policy}`, POLICY_BYTES_MAX)).toString('utf8')
    for (const version of steps) deltas.push((await fetchOne(`deltas/${version}`, DELTA_BYTES_MAX)).toString('utf8'))
    if (files === null) return { policyJws, deltas, files }
    const fetched: Partial<Record<Table, Uint8Array>> = {}
    for (const table of TABLES)
      fetched[table] = await fetchOne(`files/${files[table].sha256}`, files[table].compressedBytes)
    return { policyJws, deltas, files: perTable(table => fetched[table]!) }
  }
}

/** An answer, and not what was asked for: asking again brings the same. */
class Refused extends Error {}
