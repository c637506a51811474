import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ENROL_TYP, EnrolRequest, GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { compactVerify, importJWK } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runToEnd } from '../testing/program.ts'
import { testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'

/** A cloud that hears one enrolment and gives this answer. */
async function cloudThatAnswers(status: number, answer: unknown) {
  const asked: { url: string | undefined; body: EnrolRequest }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    asked.push({ url: request.url, body: EnrolRequest.parse(JSON.parse(Buffer.concat(chunks).toString())) })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const { signingKey: _own, ...enrolment } = testSchool().identity()
const envelope = { success: true, data: enrolment, error: null, message: 'Enrolled.' }

describe('gateway enrol', () => {
  test('makes a key, proves it, and keeps the identity for its owner alone', async () => {
    const folder = await tempFolder()
    const { url, asked } = await cloudThatAnswers(200, envelope)
    const ended = await runToEnd(['gateway', 'enrol', '--cloud', url, '--code', 'ABCD-EFGH-JKLM', '--out', folder])
    expect(ended).toMatchObject({ code: 0, err: '' })

    const { url: path, body } = asked[0]!
    expect(path).toBe('/device/v1/enrol')
    const { payload, protectedHeader } = await compactVerify(body.proof, await importJWK(body.publicKey, 'Ed25519'))
    expect(protectedHeader).toMatchObject({ alg: 'Ed25519', typ: ENROL_TYP })
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ code: 'ABCD-EFGH-JKLM' })
    expect(JSON.stringify(body)).not.toContain('"d"')

    const file = join(folder, 'identity.json')
    const identity = GateIdentity.parse(JSON.parse(readFileSync(file, 'utf8')))
    expect(identity.signingKey.x).toBe(body.publicKey.x)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('says what the cloud says of a bad code, and writes nothing', async () => {
    const folder = await tempFolder()
    const message = 'This code has expired. Make a new one on the gates page.'
    const { url } = await cloudThatAnswers(403, {
      success: false,
      data: null,
      error: { code: 'code_expired', message },
      message,
    })
    const ended = await runToEnd(['gateway', 'enrol', '--cloud', url, '--code', 'ABCD-EFGH-JKLM', '--out', folder])
    expect(ended).toEqual({ code: 1, out: '', err: `${message}\n` })
    expect(() => statSync(join(folder, 'identity.json'))).toThrow('ENOENT')
  })

  test('does not replace an identity that is there', async () => {
    const folder = await tempFolder()
    const { url, asked } = await cloudThatAnswers(200, envelope)
    const args = ['gateway', 'enrol', '--cloud', url, '--code', 'ABCD-EFGH-JKLM', '--out', folder]
    await runToEnd(args)
    const again = await runToEnd(args)
    expect(again.code).toBe(1)
    expect(again.err).toContain('is there already')
    expect(asked).toHaveLength(1)
  })

  test.each([
    ['http://gatehouse.example.edu', 'is not encrypted: use https:// for any other machine than this one'],
    ['http://127.0.0.1:1', 'does not answer (ECONNREFUSED)'],
  ])('of %s says what is wrong', async (cloud, sentence) => {
    const folder = await tempFolder()
    const ended = await runToEnd(['gateway', 'enrol', '--cloud', cloud, '--code', 'ABCD-EFGH-JKLM', '--out', folder])
    expect(ended.code).toBe(1)
    expect(ended.err).toContain(sentence)
  })
})
