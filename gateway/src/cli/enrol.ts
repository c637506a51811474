import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENROL_TYP, Enrolment, type EnrolRequest, GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { Command } from 'commander'
import { CompactSign } from 'jose'
import { z } from 'zod'
import { httpText } from '../devices/http-text.ts'
import { writeWhole } from '../store/write-whole.ts'
import { cannot, examples } from './usage.ts'

const ANSWER_BYTES_MAX = 256 * 1024

const Answer = z.object({
  data: z.unknown(),
  error: z.object({ message: z.string() }).nullable().optional(),
  message: z.string().optional(),
})

type Options = { cloud: string; code: string; out: string; httpCa?: string; force?: true; json?: true }

export function enrolCommand(): Command {
  return new Command('enrol')
    .description(
      'Make this machine a gate of the cloud, by the one-time code of its page. Its signing key is made here and never leaves.',
    )
    .requiredOption('--cloud <url>', 'address of the cloud; http:// only on this machine')
    .requiredOption('--code <code>', 'twelve characters, as the gates page shows them')
    .requiredOption('--out <folder>', 'where identity.json goes')
    .option('--http-ca <file>', 'an authority of the cloud’s certificate that is not a public one, PEM')
    .option('--force', 'replace an identity that is there; its unsent events stay with the old one')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway enrol --cloud https://gatehouse.example.edu --code ABCD-EFGH-JKLM --out /etc/gatehouse',
      ),
    )
    .action((options: Options) => enrol(options))
}

async function enrol({ cloud, code, out, httpCa, force, json }: Options): Promise<void> {
  const path = join(out, 'identity.json')
  if (existsSync(path) && !force) throw cannot(`${path} is there already: this machine is a gate. --force replaces it.`)

  const key = generateKeyPairSync('ed25519')
  const proof = await new CompactSign(Buffer.from(JSON.stringify({ code })))
    .setProtectedHeader({ alg: 'Ed25519', typ: ENROL_TYP })
    .sign(key.privateKey)
  const publicKey = key.publicKey.export({ format: 'jwk' }) as EnrolRequest['publicKey']
  const enrolment = await ask(cloud, { code, publicKey, proof }, httpCa)

  const identity = GateIdentity.parse({ ...enrolment, signingKey: key.privateKey.export({ format: 'jwk' }) })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  writeWhole(path, `${JSON.stringify(identity, null, 2)}\n`, 0o600)
  const { gateId, shortName, name } = identity
  process.stdout.write(
    json
      ? `${JSON.stringify({ gateId, shortName, name, identity: path })}\n`
      : `This machine is now gate ${shortName}, ${name} (${gateId}). Its identity is in ${path}; keep it as secret as a key.\n`,
  )
}

async function ask(cloud: string, body: EnrolRequest, httpCa: string | undefined): Promise<Enrolment> {
  const { status, text } = await httpText({
    method: 'POST',
    url: `${cloud.replace(/\/$/, '')}/device/v1/enrol`,
    body: JSON.stringify(body),
    ca: httpCa === undefined ? undefined : readFileSync(httpCa, 'utf8'),
    bytesMax: ANSWER_BYTES_MAX,
  }).catch(error => {
    throw cannot((error as Error).message)
  })
  const answer = readAnswer(text)
  const enrolment = Enrolment.safeParse(answer?.data)
  if (status < 300 && enrolment.success) return enrolment.data
  const said = answer?.error?.message ?? answer?.message
  if (status >= 300 && said) throw cannot(said)
  throw cannot(`${cloud} answered ${status}, but not as a Gatehouse cloud does: check the address`)
}

function readAnswer(text: string): z.infer<typeof Answer> | null {
  try {
    return Answer.parse(JSON.parse(text))
  } catch {
    return null
  }
}
