import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, ok } from '@gatehouse/shared/result.ts'
import { z } from 'zod'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const ROLES = ['api', 'ingest', 'jobs'] as const

const port = (otherwise: number) =>
  z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(0, 'must be 0 to 65535')
    .max(65535, 'must be 0 to 65535')
    .default(otherwise)
const flag = z
  .enum(['0', '1'], 'must be 0 or 1')
  .default('0')
  .transform(text => text === '1')
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      text => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL that begins with ${protocols.map(one => `${one}//`).join(' or ')}`,
    )
const path = z
  .string()
  .min(1, 'must not be empty')
  .transform(text => resolve(text))
const addresses = z
  .string()
  .default('')
  .transform(listOf)
  .refine(list => list.every(isAddress), 'must be addresses or networks such as 10.0.0.0/8, separated by commas')

const hosts = z
  .string()
  .default('')
  .transform(text => listOf(text).map(hostOf))
  .refine(
    list => list.every(one => one !== null),
    'must be hosts with their ports such as 10.0.0.7:6379, separated by commas',
  )
  .transform(list => list.filter(one => one !== null))

const origins = z
  .string()
  .default('')
  .transform(listOf)
  .refine(
    list => list.every(isOrigin),
    'must be origins as a browser writes them, such as https://portal.example, separated by commas; * is not one',
  )

/** An empty setting is one that was not made: compose files and unit files write `NAME=`. */
const Environment = z.object({
  /** The cloud's own folder. */
  GATEHOUSE_DATA: path.default(resolve('.gatehouse', 'cloud')),
  GATEHOUSE_HOST: z.string().min(1).default('127.0.0.1'),
  /** Files that people hand in; with a bucket, where each is until it is whole. */
  GATEHOUSE_FILES: path.optional(),
  GATEHOUSE_HTTP_PORT: port(8080),
  GATEHOUSE_MQTT_PORT: port(8883),
  /** Where people and gates find this service. */
  GATEHOUSE_PUBLIC_URL: url('http:', 'https:').optional(),
  GATEHOUSE_DASHBOARD: path.default(resolve(PROJECT, 'dashboard', 'dist')),
  GATEHOUSE_DEMO: flag,
  /** Student systems at private addresses may be read: on a campus they often are. */
  GATEHOUSE_PRIVATE_SOURCES: flag,
  /** Web hooks may go to private addresses, and without TLS: to a receiver on the campus' own network. */
  GATEHOUSE_PRIVATE_WEBHOOKS: flag,
  GATEHOUSE_DEMO_ACCOUNTS: path.optional(),
  GATEHOUSE_SIMULATORS: path.optional(),
  GATEHOUSE_MASTER_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url, 43 characters')
    .optional(),
  GATEHOUSE_ROLES: z
    .string()
    .default(ROLES.join(','))
    .transform(listOf)
    .pipe(z.array(z.enum(ROLES, `must be some of ${ROLES.join(', ')}, separated by commas`)).min(1)),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATABASE_OWNER_URL: url('postgres:', 'postgresql:').optional(),
  /** Around PgBouncer, where DATABASE_URL goes through one. */
  DATABASE_DIRECT_URL: url('postgres:', 'postgresql:').optional(),
  /** A copy that follows, for exports. */
  DATABASE_REPLICA_URL: url('postgres:', 'postgresql:').optional(),
  MQTT_URL: url('mqtt:', 'mqtts:').optional(),
  /** File with the authority of the broker's certificate. */
  MQTT_CA: path.optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  /** Those that say which server is the one to write to; REDIS_URL then says user, password, database and TLS. */
  REDIS_SENTINELS: hosts,
  REDIS_SENTINEL_NAME: z.string().min(1).max(100).default('mymaster'),
  /** Nodes of a cluster besides the one in REDIS_URL. */
  REDIS_CLUSTER: hosts,
  /** File with the authority of Redis's certificates. */
  REDIS_CA: path.optional(),
  /** The server that takes mail further; without one the dashboard shows it. */
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  /** File with the authority of the mail server's certificate. */
  SMTP_CA: path.optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>@\r\n]{0,100}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'must be an address such as Gatehouse <gatehouse@school.example>',
    )
    .optional(),
  /** Text messages by Twilio, all three or none. */
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, 'must be an account’s id: AC and 32 hexadecimal digits')
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().min(8).max(200).optional(),
  TWILIO_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{6,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$/,
      'must be a number such as +31612345678, or a messaging service: MG…',
    )
    .optional(),
  /** A region's own, such as https://api.dublin.ie1.twilio.com. */
  TWILIO_URL: url('http:', 'https:').default('https://api.twilio.com'),
  TRUSTED_PROXIES: addresses,
  /** Bearer of those who read the meters from another machine; without it only this machine may. */
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 signs without blanks')
    .optional(),

  /** A bucket for files, all three or none; S3_ENDPOINT where it is not Amazon's own. */
  S3_BUCKET: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'must be the name of a bucket: 3 to 63 small letters, digits, dots, hyphens',
    )
    .optional(),
  S3_ACCESS_KEY: z.string().max(200).optional(),
  S3_SECRET_KEY: z.string().max(200).optional(),
  S3_ENDPOINT: url('http:', 'https:').optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,50}$/, 'must be a region such as eu-central-1')
    .default('us-east-1'),
  /** The virus scanner clamd: tcp://clamd:3310, or unix:///run/clamav/clamd.ctl. */
  CLAMD_URL: url('tcp:', 'unix:')
    .refine(text => !URL.canParse(text) || isClamd(new URL(text)), 'must be tcp://host:port or unix:///path')
    .optional(),
  /** Pages of other origins that may call the API with a token, such as https://portal.example. */
  ALLOWED_ORIGINS: origins,
  /** Apple Wallet, all five or none: the pass type's certificate and key, Apple's intermediate certificate (WWDR), PEM files. */
  APPLE_WALLET_CERTIFICATE: path.optional(),
  APPLE_WALLET_KEY: path.optional(),
  APPLE_WALLET_AUTHORITY: path.optional(),
  APPLE_WALLET_PASS_TYPE: z
    .string()
    .regex(/^pass\.[A-Za-z0-9.-]{1,100}$/, 'must be a pass type identifier such as pass.example.hillside')
    .optional(),
  APPLE_WALLET_TEAM: z
    .string()
    .regex(/^[A-Z0-9]{10}$/, 'must be a team identifier: ten capitals and digits')
    .optional(),
  /** Only where the key file has one. */
  APPLE_WALLET_KEY_PASSPHRASE: z.string().optional(),
  /** Google Wallet, both or none: the issuer's number, and the key file of its service account. */
  GOOGLE_WALLET_ISSUER: z
    .string()
    .regex(/^\d{5,25}$/, 'must be the issuer’s number')
    .optional(),
  GOOGLE_WALLET_ACCOUNT: path.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type Config = ReturnType<typeof shape>

/** Everything the environment says, read once; or every mistake in it, one line each. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>) {
  const told = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const read = Environment.safeParse(told)
  if (!read.success) {
    return fail(read.error.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`).join('\n'))
  }
  if (read.data.DATABASE_OWNER_URL !== undefined && read.data.DATABASE_URL === undefined) {
    return fail('DATABASE_OWNER_URL: is set and DATABASE_URL is not; the service needs a login of its own')
  }
  const redis = redisMistakes(read.data)
  if (redis.length > 0) return fail(redis.join('\n'))
  const half = [APPLE_WALLET, GOOGLE_WALLET, MAIL, S3, TWILIO].flatMap(names => missingOf(read.data, names))
  if (half.length > 0) return fail(half.join('\n'))
  return ok(shape(read.data))
}

const APPLE_WALLET = [
  'APPLE_WALLET_CERTIFICATE',
  'APPLE_WALLET_KEY',
  'APPLE_WALLET_AUTHORITY',
  'APPLE_WALLET_PASS_TYPE',
  'APPLE_WALLET_TEAM',
] as const
const S3 = ['S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const
const TWILIO = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'] as const
const MAIL = ['SMTP_URL', 'MAIL_FROM'] as const
const GOOGLE_WALLET = ['GOOGLE_WALLET_ISSUER', 'GOOGLE_WALLET_ACCOUNT'] as const

function redisMistakes(said: z.infer<typeof Environment>): string[] {
  const beside = (['REDIS_SENTINELS', 'REDIS_CLUSTER'] as const).filter(name => said[name].length > 0)
  return [
    ...(said.REDIS_URL === undefined
      ? beside.map(
          name =>
            `${name}: is set and REDIS_URL is not, which says how to sign in, such as redis://user:password@redis`,
        )
      : []),
    ...(beside.length === 2
      ? ['REDIS_CLUSTER: is set beside REDIS_SENTINELS; a Redis is run one way or the other']
      : []),
  ]
}

/** What is half set up would fail when it is first needed. */
function missingOf(said: z.infer<typeof Environment>, names: readonly (keyof typeof said)[]): string[] {
  const set = names.filter(name => said[name] !== undefined)
  if (set.length === 0) return []
  return names.filter(name => said[name] === undefined).map(name => `${name}: is needed beside ${set[0]}`)
}

function shape(said: z.infer<typeof Environment>) {
  const httpPort = said.GATEHOUSE_HTTP_PORT
  return Object.freeze({
    dataFolder: said.GATEHOUSE_DATA,
    host: said.GATEHOUSE_HOST,
    httpPort,
    mqttPort: said.GATEHOUSE_MQTT_PORT,
    publicUrl: new URL(said.GATEHOUSE_PUBLIC_URL ?? `http://localhost:${httpPort}`).origin,
    dashboardFolder: said.GATEHOUSE_DASHBOARD,
    demo: said.GATEHOUSE_DEMO,
    privateWebhooks: said.GATEHOUSE_PRIVATE_WEBHOOKS,
    privateSources: said.GATEHOUSE_PRIVATE_SOURCES,
    demoAccountsFile: said.GATEHOUSE_DEMO_ACCOUNTS ?? resolve(said.GATEHOUSE_DATA, 'demo-accounts.json'),
    simulatorsFile: said.GATEHOUSE_SIMULATORS ?? null,
    /** 32 bytes in base64url; null = made once in the data folder. */
    masterKey: said.GATEHOUSE_MASTER_KEY ?? null,
    roles: said.GATEHOUSE_ROLES as readonly (typeof ROLES)[number][],
    databaseUrl: said.DATABASE_URL ?? null,
    databaseOwnerUrl: said.DATABASE_OWNER_URL ?? null,
    databaseDirectUrl: said.DATABASE_DIRECT_URL ?? null,
    databaseReplicaUrl: said.DATABASE_REPLICA_URL ?? null,
    metricsToken: said.METRICS_TOKEN ?? null,
    mqttUrl: said.MQTT_URL ?? null,
    mqttCaFile: said.MQTT_CA ?? null,
    redis:
      said.REDIS_URL === undefined
        ? null
        : {
            url: said.REDIS_URL,
            sentinels: said.REDIS_SENTINELS,
            sentinelName: said.REDIS_SENTINEL_NAME,
            cluster: said.REDIS_CLUSTER.length > 0 ? said.REDIS_CLUSTER : null,
            caFile: said.REDIS_CA ?? null,
          },
    smtp:
      said.SMTP_URL === undefined ? null : { url: said.SMTP_URL, from: said.MAIL_FROM!, caFile: said.SMTP_CA ?? null },
    filesFolder: said.GATEHOUSE_FILES ?? resolve(said.GATEHOUSE_DATA, 'files'),
    s3:
      said.S3_BUCKET === undefined
        ? null
        : {
            bucket: said.S3_BUCKET,
            region: said.S3_REGION,
            endpoint: said.S3_ENDPOINT ?? null,
            accessKey: said.S3_ACCESS_KEY!,
            secretKey: said.S3_SECRET_KEY!,
          },
    clamdUrl: said.CLAMD_URL ?? null,
    sms:
      said.TWILIO_ACCOUNT_SID === undefined
        ? null
        : {
            accountSid: said.TWILIO_ACCOUNT_SID,
            authToken: said.TWILIO_AUTH_TOKEN!,
            from: said.TWILIO_FROM!,
            baseUrl: new URL(said.TWILIO_URL).origin,
          },
    trustedProxies: said.TRUSTED_PROXIES as readonly string[],
    allowedOrigins: said.ALLOWED_ORIGINS as readonly string[],
    appleWallet:
      said.APPLE_WALLET_CERTIFICATE === undefined
        ? null
        : {
            certificateFile: said.APPLE_WALLET_CERTIFICATE,
            keyFile: said.APPLE_WALLET_KEY!,
            keyPassphrase: said.APPLE_WALLET_KEY_PASSPHRASE ?? null,
            authorityFile: said.APPLE_WALLET_AUTHORITY!,
            passType: said.APPLE_WALLET_PASS_TYPE!,
            team: said.APPLE_WALLET_TEAM!,
          },
    googleWallet:
      said.GOOGLE_WALLET_ISSUER === undefined
        ? null
        : { issuer: said.GOOGLE_WALLET_ISSUER, accountFile: said.GOOGLE_WALLET_ACCOUNT! },
    logLevel: said.LOG_LEVEL,
  })
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
}

function hostOf(text: string): { host: string; port: number } | null {
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) return null
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function isAddress(text: string): boolean {
  const [address, bits, ...more] = text.split('/')
  if (address === undefined || more.length > 0 || isIP(address) === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128))
}

function isClamd({ protocol, hostname, pathname }: URL): boolean {
  return protocol === 'unix:'
    ? hostname === '' && pathname.startsWith('/') && pathname.length > 1
    : hostname !== '' && ['', '/'].includes(pathname)
}

/** What a browser says in `Origin`: no path, no capitals, no port that goes without saying. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
