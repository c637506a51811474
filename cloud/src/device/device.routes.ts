import { ENROL_TYP, type Enrolment, EnrolRequest } from '@gatehouse/shared/wire/gate-config.ts'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { compactVerify, importJWK } from 'jose'
import { z } from 'zod'
import type { By } from '../audit/actor.ts'
import { checkGate } from '../auth/gate-login.ts'
import { type FoundGate, findEnrolmentCode, findGate } from '../db/definer.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { enrolGate, tryCode } from '../gates/enrolment.repo.ts'
import { readEnrolmentCode } from '../gates/enrolment-code.ts'
import { nobodyOf } from '../http/bind.ts'
import { letThrough } from '../http/limits.ts'
import { type Problem, sendData, sendProblem } from '../http/problem.ts'
import { bundleInForce } from '../keys/trust.repo.ts'
import type { Vault } from '../keys/vault.ts'
import { findDelta, findListFile } from '../lists/list-versions.repo.ts'
import { cardSecretOf, totpSecretOf } from '../schools/schools.repo.ts'
import { type FixedFile, sendFixed } from './send-fixed.ts'

export type DeviceRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly nowMs: () => number
  readonly limit: RequestHandler
  readonly publicUrl: string
  /** Where gates connect by MQTT, and the authority they pin. */
  readonly mqtt: { readonly host: string; readonly port: number; readonly ca: string }
  /** Before the gate is told: a broker beside the cloud learns its password here. */
  readonly onEnrolled: (enrolled: Enrolment) => Promise<void>
}

const ASK_AGAIN = 'Make a new code on the gates page.'

const PROBLEMS = {
  malformed: {
    status: 422,
    code: 'validation_failed',
    message: 'The enrolment is not as it should be: code, public key and proof.',
  },
  wrong: {
    status: 403,
    code: 'wrong_code',
    message: 'This code is not right. Compare it with the gates page; after five wrong ones it ends.',
  },
  guessed: {
    status: 403,
    code: 'code_ended',
    message: `This code has ended: it was typed wrong five times. ${ASK_AGAIN}`,
  },
  expired: { status: 403, code: 'code_expired', message: `This code has expired: it lasts 15 minutes. ${ASK_AGAIN}` },
  used: { status: 403, code: 'code_used', message: `This code was used already. ${ASK_AGAIN}` },
  bad_proof: {
    status: 403,
    code: 'bad_proof',
    message: 'The proof was not signed with the key that was sent. Run the enrolment again.',
  },
  no_bundle: {
    status: 409,
    code: 'no_trust_bundle',
    message:
      'This school’s keys are not signed yet. Whoever runs the service does so with ./gatehouse keys; the code stays good.',
  },
  no_gate: {
    status: 401,
    code: 'not_a_gate',
    message: 'No enrolled gate has this id and password. Enrol the gate again.',
  },
  other_scope: { status: 403, code: 'not_allowed', message: 'This gate gets another scope’s list.' },
  no_list: { status: 404, code: 'not_found', message: 'This list is no longer kept. Follow the newest head.' },
} satisfies Record<string, Problem>

const scope = z.string().regex(/^[a-z0-9-]{1,36}$/)
const FileParams = z.object({ scope, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const DeltaParams = z.object({ scope, version: z.coerce.number().int().min(1).max(2_147_483_647) })

/** What gates ask for over HTTP. */
export function deviceRoutes(needs: DeviceRoutesNeeds): Router {
  const { db, vault, nowMs, limit } = needs
  const routes = Router()

  routes.post('/device/v1/enrol', async (req, res) => {
    if (!(await letThrough(limit, req, res))) return
    const asked = EnrolRequest.safeParse(req.body)
    if (!asked.success) return sendProblem(req, res, PROBLEMS.malformed)
    const enrolled = await enrol(asked.data, nobodyOf(req))
    if ('problem' in enrolled) return sendProblem(req, res, enrolled.problem)
    await needs.onEnrolled(enrolled)
    sendData(res, 200, enrolled, 'This machine is the gate now.')
  })

  async function enrol(asked: EnrolRequest, by: By): Promise<Enrolment | { problem: Problem }> {
    const code = readEnrolmentCode(asked.code)
    if (code === null) return { problem: PROBLEMS.wrong }
    // Looked at first, because it says nothing about the code and costs nothing to make.
    if (!(await proves(asked))) return { problem: PROBLEMS.bad_proof }
    const found = await findEnrolmentCode(db, code.selector)
    if (found === undefined) return { problem: PROBLEMS.wrong }
    const gate = await findGate(db, found.gate_id)
    if (gate === undefined) return { problem: PROBLEMS.wrong }

    const { school_id: schoolId, tenant, scope } = gate
    return inSchool(db, schoolId, async tx => {
      const trust = await bundleInForce(tx, schoolId)
      if (trust === null) return { problem: PROBLEMS.no_bundle }
      const good = await tryCode(tx, { codeId: found.code_id, secret: code.secret, nowMs: nowMs() })
      if (!good.ok) return { problem: PROBLEMS[good.failure] }
      const password = await enrolGate(tx, {
        schoolId,
        gateId: gate.gate_id,
        codeId: found.code_id,
        publicJwk: asked.publicKey,
        nowMs: nowMs(),
        by,
      })
      const site = { schoolId, tenant, scope }
      const cardSecret = await cardSecretOf(tx, vault, site)
      const totpSecret = await totpSecretOf(tx, vault, site)
      return {
        gateId: gate.gate_id,
        tenant,
        scope,
        shortName: gate.short_name,
        name: gate.name,
        timeZone: gate.time_zone,
        cardSecret: cardSecret.toString('base64url'),
        totpSecret: totpSecret.toString('base64url'),
        trust: trust.bundle.keys.map(({ kid, use, jwk }) => ({ kid, use, jwk })),
        roots: trust.jws,
        cloud: { http: needs.publicUrl, mqtt: { ...needs.mqtt, password } },
      }
    })
  }

  routes.get('/device/v1/lists/:scope/files/:sha256', (req, res) =>
    answer(req, res, FileParams, async (tx, { scope, sha256 }) => {
      const file = await findListFile(tx, { scope, sha256 })
      return file && { bytes: file, type: 'application/octet-stream', tag: sha256 }
    }),
  )
  routes.get('/device/v1/lists/:scope/deltas/:version', (req, res) =>
    answer(req, res, DeltaParams, async (tx, { scope, version }) => {
      const delta = await findDelta(tx, { scope, version })
      return delta && { bytes: Buffer.from(delta), type: 'application/jose', tag: `delta-${version}` }
    }),
  )

  /** What a gate may have of its own scope's list. */
  async function answer<Params extends { readonly scope: string }>(
    req: Request,
    res: Response,
    params: z.ZodType<Params>,
    find: (tx: Tx, params: Params) => Promise<FixedFile | '' | undefined>,
  ): Promise<void> {
    const gate = await gateOf(req)
    if (gate === null) {
      res.setHeader('WWW-Authenticate', 'Basic realm="gatehouse"')
      return sendProblem(req, res, PROBLEMS.no_gate)
    }
    const asked = params.safeParse(req.params)
    if (!asked.success) return sendProblem(req, res, PROBLEMS.no_list)
    if (asked.data.scope !== gate.scope) return sendProblem(req, res, PROBLEMS.other_scope)
    const file = await inSchool(db, gate.school_id, tx => find(tx, asked.data))
    if (!file) return sendProblem(req, res, PROBLEMS.no_list)
    sendFixed(req, res, file)
  }

  /** HTTP Basic, gate id and broker secret. */
  async function gateOf(req: Request): Promise<FoundGate | null> {
    const [scheme, said] = (req.get('authorization') ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'basic' || said === undefined) return null
    const text = Buffer.from(said, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return colon < 0 ? null : checkGate(db, text.slice(0, colon), text.slice(colon + 1))
  }

  return routes
}

/** Whether whoever sent this has the private half of the key in it. */
async function proves({ code, publicKey, proof }: EnrolRequest): Promise<boolean> {
  try {
    const { kty, crv, x } = publicKey
    const key = await importJWK({ kty, crv, x }, 'Ed25519')
    const { payload, protectedHeader } = await compactVerify(proof, key, { algorithms: ['Ed25519'] })
    if (protectedHeader.typ !== ENROL_TYP) return false
    const proven = z.object({ code: z.string().max(20) }).safeParse(JSON.parse(Buffer.from(payload).toString('utf8')))
    return proven.success && sameCode(proven.data.code, code)
  } catch {
    return false
  }
}

function sameCode(a: string, b: string): boolean {
  return JSON.stringify(readEnrolmentCode(a)) === JSON.stringify(readEnrolmentCode(b))
}
