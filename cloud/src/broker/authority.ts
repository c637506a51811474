import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

const DAY_MS = 86_400_000

/** Gates pin the authority when they are enrolled, so it outlives the mini-PCs. */
const AUTHORITY_DAYS = 20 * 365
/** What TLS clients accept of a server's certificate at most. */
const SERVER_DAYS = 397
/** Renewed this long before it ends; a cloud that is never restarted still has a month of tries. */
const RENEW_BEFORE_DAYS = 30

/** A gate whose clock stands at its factory date must still get in to be told the time. */
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z')

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Names under which the broker of this machine is always reached. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1']

export type Authority = {
  /** The authority's certificate, PEM: what a gate pins and `mosquitto_sub --cafile` is given. */
  readonly ca: string
  /** The file that holds it. */
  readonly caFile: string
  /** A certificate and key for the broker, PEM; a new one when the kept one is about to end or lacks a name. */
  serverCertificate(): Promise<ServerCertificate>
}

export type ServerCertificate = { readonly cert: string; readonly key: string }

export type AuthorityNeeds = {
  /** Made if missing, with mode 0700. Keys are kept here, 0600. */
  readonly folder: string
  /** Host names and addresses besides localhost under which gates reach the broker. */
  readonly hosts: readonly string[]
  readonly nowMs?: () => number
}

/** Opens the broker's certificate authority, and makes one at the first start. The one file that knows `@peculiar/x509`. */
export async function openAuthority({ folder, hosts, nowMs = Date.now }: AuthorityNeeds): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = [...new Set([...LOCAL_NAMES, ...hosts])]

  const authority = (await readPair(join(folder, 'authority.pem'))) ?? (await makeAuthority(folder, nowMs()))
  const caFile = join(folder, 'ca.pem')
  await writeWhole(caFile, authority.cert, 0o644)

  return {
    ca: authority.cert,
    caFile,
    async serverCertificate() {
      const file = join(folder, 'server.pem')
      const kept = await readPair(file)
      if (kept !== null && (await isGood(kept, authority, names, nowMs()))) return kept

      const made = await makeServerCertificate(authority, names, nowMs())
      await writeWhole(file, made.key + made.cert, 0o600)
      return made
    },
  }
}

/** Key and certificate are one file, so that a stop between the two writes cannot leave halves that do not fit. */
async function makeAuthority(folder: string, nowMs: number): Promise<ServerCertificate> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Gatehouse authority',
    keys,
    notBefore: NOT_BEFORE,
    notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const made = { key: await privatePem(keys.privateKey), cert: pem(certificate) }
  await writeWhole(join(folder, 'authority.pem'), made.key + made.cert, 0o600)
  return made
}

async function makeServerCertificate(
  authority: ServerCertificate,
  names: readonly string[],
  nowMs: number,
): Promise<ServerCertificate> {
  const keys = await newKeys()
  const issuer = new x509.X509Certificate(authority.cert)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Gatehouse broker',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    notBefore: NOT_BEFORE,
    notAfter: new Date(nowMs + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(name => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }) as const),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { key: await privatePem(keys.privateKey), cert: pem(certificate) }
}

async function isGood(
  kept: ServerCertificate,
  authority: ServerCertificate,
  names: readonly string[],
  nowMs: number,
): Promise<boolean> {
  const certificate = new x509.X509Certificate(kept.cert)
  if (certificate.notAfter.getTime() - nowMs < RENEW_BEFORE_DAYS * DAY_MS) return false
  const has = new Set(certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(n => n.value))
  if (!names.every(name => has.has(name))) return false
  return certificate.verify({ publicKey: new x509.X509Certificate(authority.cert).publicKey, signatureOnly: true })
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', key)
  return `${x509.PemConverter.encode(bytes as ArrayBuffer, 'PRIVATE KEY')}\n`
}

async function importKey(key: string): Promise<webcrypto.CryptoKey> {
  const [bytes] = x509.PemConverter.decode(key)
  return (await webcrypto.subtle.importKey('pkcs8', bytes!, ALGORITHM, false, ['sign'])) as webcrypto.CryptoKey
}

const pem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

async function readPair(file: string): Promise<ServerCertificate | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`cannot read the broker's key in ${file}: ${(error as Error).message}`)
  }
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0]
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0]
  if (key === undefined || cert === undefined) {
    throw new Error(
      `${file} is not a key and a certificate. Put it back from a backup; a new authority means enrolling every gate again.`,
    )
  }
  return { key, cert }
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const fresh = `${file}.${process.pid}.new`
  await writeFile(fresh, text, { mode, flush: true })
  await rename(fresh, file)
}
