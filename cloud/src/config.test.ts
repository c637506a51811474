import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('nothing set is a whole configuration, on loopback', () => {
  const read = readConfig({})
  expect(read.ok && read.value).toMatchObject({
    host: '127.0.0.1',
    httpPort: 8080,
    mqttPort: 8883,
    publicUrl: 'http://localhost:8080',
    demo: false,
    databaseUrl: null,
    roles: ['api', 'ingest', 'jobs'],
  })
})

test('every mistake is told at once', () => {
  const read = readConfig({
    GATEHOUSE_HTTP_PORT: '99999',
    GATEHOUSE_MASTER_KEY: 'short',
    DATABASE_URL: 'mysql://x',
    TRUSTED_PROXIES: '10.0.0.0/33',
    GATEHOUSE_DEMO: 'yes',
  })
  expect(read.ok ? [] : read.failure.split('\n').map(line => line.split(':')[0])).toEqual([
    'GATEHOUSE_HTTP_PORT',
    'GATEHOUSE_DEMO',
    'GATEHOUSE_MASTER_KEY',
    'DATABASE_URL',
    'TRUSTED_PROXIES',
  ])
})

test('an origin is written as a browser writes it, and everybody is no origin', () => {
  const read = (ALLOWED_ORIGINS: string) => {
    const config = readConfig({ ALLOWED_ORIGINS })
    return config.ok ? config.value.allowedOrigins : config.failure.split(':')[0]
  }
  expect(read('https://portal.example, http://localhost:5173')).toEqual([
    'https://portal.example',
    'http://localhost:5173',
  ])
  for (const wrong of ['*', 'null', 'https://portal.example/', 'https://Portal.example', 'portal.example']) {
    expect([wrong, read(wrong)]).toEqual([wrong, 'ALLOWED_ORIGINS'])
  }
})

test('a wallet is set up whole or not at all', () => {
  const apple = readConfig({
    APPLE_WALLET_CERTIFICATE: 'a.pem',
    APPLE_WALLET_KEY: 'a.key',
    GOOGLE_WALLET_ISSUER: '33880',
  })
  expect(apple.ok ? '' : apple.failure).toBe(
    [
      'APPLE_WALLET_AUTHORITY: is needed beside APPLE_WALLET_CERTIFICATE',
      'APPLE_WALLET_PASS_TYPE: is needed beside APPLE_WALLET_CERTIFICATE',
      'APPLE_WALLET_TEAM: is needed beside APPLE_WALLET_CERTIFICATE',
      'GOOGLE_WALLET_ACCOUNT: is needed beside GOOGLE_WALLET_ISSUER',
    ].join('\n'),
  )
  const none = readConfig({ APPLE_WALLET_KEY_PASSPHRASE: 'alone' })
  expect(none.ok && [none.value.appleWallet, none.value.googleWallet]).toEqual([null, null])
})

test('a mail server is set up with who writes, and an address is an address', () => {
  const alone = readConfig({ SMTP_URL: 'smtp://u:hunter2@mail.example' })
  expect(alone.ok ? '' : alone.failure).toBe('MAIL_FROM: is needed beside SMTP_URL')
  const wrong = readConfig({ SMTP_URL: 'http://mail.example', MAIL_FROM: 'x\nBcc: y@z.example' })
  expect(wrong.ok ? [] : wrong.failure.split('\n').map(line => line.split(':')[0])).toEqual(['SMTP_URL', 'MAIL_FROM'])
  const MAIL_FROM = 'Gatehouse <gatehouse@school.example>'
  const whole = readConfig({ SMTP_URL: 'smtps://mail.example', MAIL_FROM })
  expect(whole.ok && whole.value.smtp).toEqual({ url: 'smtps://mail.example', from: MAIL_FROM, caFile: null })
})

test('a mistake is told without the value: it may be a secret', () => {
  const read = readConfig({ GATEHOUSE_MASTER_KEY: 'hunter2', DATABASE_URL: 'pg://u:hunter2@h/d' })
  expect(read.ok ? '' : read.failure).not.toContain('hunter2')
})

test('an empty setting is one that was not made', () => {
  const read = readConfig({ REDIS_URL: '', GATEHOUSE_HTTP_PORT: '' })
  expect(read.ok && read.value).toMatchObject({ redis: null, httpPort: 8080 })
})

test('Redis is one server, or sentinels, or a cluster', () => {
  const one = readConfig({ REDIS_URL: 'rediss://u:p@redis:6380/2', REDIS_CA: '/etc/ca.pem' })
  expect(one.ok && one.value.redis).toEqual({
    url: 'rediss://u:p@redis:6380/2',
    sentinels: [],
    sentinelName: 'mymaster',
    cluster: null,
    caFile: '/etc/ca.pem',
  })
  const watched = readConfig({
    REDIS_URL: 'redis://unused',
    REDIS_SENTINELS: '10.0.0.7:26379, [fd00::7]:26379',
    REDIS_SENTINEL_NAME: 'campus',
  })
  expect(watched.ok && watched.value.redis).toMatchObject({
    sentinels: [
      { host: '10.0.0.7', port: 26_379 },
      { host: 'fd00::7', port: 26_379 },
    ],
    sentinelName: 'campus',
  })
  const cluster = readConfig({ REDIS_URL: 'redis://node-1', REDIS_CLUSTER: 'node-2:6379' })
  expect(cluster.ok && cluster.value.redis?.cluster).toEqual([{ host: 'node-2', port: 6379 }])
})

test('a Redis that is half said is refused', () => {
  const mistakes = (environment: Record<string, string>) => {
    const read = readConfig(environment)
    return read.ok ? '' : read.failure
  }
  expect(mistakes({ REDIS_SENTINELS: '10.0.0.7:26379' })).toMatch(/^REDIS_SENTINELS: is set and REDIS_URL is not/)
  expect(mistakes({ REDIS_URL: 'redis://a', REDIS_SENTINELS: 'b:1', REDIS_CLUSTER: 'c:1' })).toMatch(/^REDIS_CLUSTER: /)
  for (const wrong of ['b', 'b:', 'b:70000', 'b:1,:2', 'redis://b:1']) {
    expect([wrong, mistakes({ REDIS_URL: 'redis://a', REDIS_CLUSTER: wrong })]).toEqual([
      wrong,
      'REDIS_CLUSTER: must be hosts with their ports such as 10.0.0.7:6379, separated by commas',
    ])
  }
})

test('the configuration cannot be changed afterwards', () => {
  const read = readConfig({})
  expect(read.ok && Object.isFrozen(read.value)).toBe(true)
})

test('files: a folder unless a bucket is named whole, and a scanner that could be one', () => {
  const read = (told: Record<string, string>) => readConfig({ GATEHOUSE_DATA: '/data', ...told })
  const plain = read({})
  expect(plain.ok && [plain.value.filesFolder, plain.value.s3, plain.value.clamdUrl]).toEqual([
    '/data/files',
    null,
    null,
  ])
  const bucket = { S3_BUCKET: 'school-files', S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret' }
  const whole = read({ ...bucket, S3_ENDPOINT: 'https://s3.example', CLAMD_URL: 'unix:///run/clamav/clamd.ctl' })
  expect(whole.ok && whole.value.s3).toEqual({
    bucket: 'school-files',
    region: 'us-east-1',
    endpoint: 'https://s3.example',
    accessKey: 'key',
    secretKey: 'secret',
  })
  for (const [told, name] of [
    [{ S3_BUCKET: 'school-files' }, 'S3_ACCESS_KEY'],
    [{ ...bucket, S3_BUCKET: 'School Files' }, 'S3_BUCKET'],
    [{ ...bucket, S3_REGION: 'Frankfurt!' }, 'S3_REGION'],
    [{ ...bucket, S3_ENDPOINT: 'ftp://s3.example' }, 'S3_ENDPOINT'],
    [{ CLAMD_URL: 'http://clamd:3310' }, 'CLAMD_URL'],
    [{ CLAMD_URL: 'unix:relative' }, 'CLAMD_URL'],
    [{ CLAMD_URL: 'unix:///' }, 'CLAMD_URL'],
    [{ CLAMD_URL: 'tcp://clamd:3310/path' }, 'CLAMD_URL'],
  ] as const) {
    const refused = read(told)
    expect([told, refused.ok ? 'taken' : refused.failure]).toEqual([told, expect.stringContaining(name)])
  }
})
