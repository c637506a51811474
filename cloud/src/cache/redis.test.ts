import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { openAuthority } from '../broker/authority.ts'
import { freePort } from '../testing/free-port.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { plainRedis, startRedis, type TestRedis } from '../testing/redis.ts'
import { openRedis, type RedisChoice, type RedisLine } from './redis.ts'

/** For servers that agree among themselves on a busy machine. A deadline and not a measurement. */
const AGREE_MS_MAX = 60_000

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function redis(...options: Parameters<typeof startRedis> extends [string, ...infer Rest] ? Rest : never) {
  const server = await startRedis(folder, ...options)
  closing.push(server.stop)
  return server
}
async function line(choice: RedisChoice, name = 'test'): Promise<RedisLine> {
  const opened = await openRedis(choice, name, memoryLog())
  closing.push(opened.close)
  return opened
}

/** Asks until it is so. */
async function until<T>(ask: () => Promise<T> | T): Promise<NonNullable<T>> {
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => null)
    if (answer) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** What every kind of Redis must do. */
async function works(choice: RedisChoice) {
  const speaking = await line(choice)
  await speaking.command('set', 'gatehouse:a', 'Zoë', 'PX', 10_000)
  expect(await speaking.command('get', 'gatehouse:a')).toBe('Zoë')
  const heard = Promise.withResolvers<string>()
  const hearing = await line(choice, 'hearing')
  await hearing.hear('gatehouse:news', heard.resolve)
  await speaking.command('publish', 'gatehouse:news', 'it goes on')
  expect(await heard.promise).toBe('it goes on')
  return speaking
}

needs('redis-server')('Redis', () => {
  test('plain, in a database of one’s own', async () => {
    const { url } = await redis()
    await works(plainRedis(`${url}/3`))
    expect(await (await line(plainRedis(url))).command('get', 'gatehouse:a')).toBe(null)
  })

  test('with a user and a password that has signs in it', async () => {
    const server = await redis({
      words: [
        '--requirepass',
        'x',
        '--user',
        'gatehouse',
        'on',
        '>p@ss/word:1',
        '~gatehouse:*',
        '&gatehouse:*',
        '+@all',
      ],
    })
    const url = new URL(server.url)
    url.username = 'gatehouse'
    url.password = encodeURIComponent('p@ss/word:1')
    const speaking = await works(plainRedis(url.href))
    await expect(speaking.command('get', 'other')).rejects.toThrow(/NOPERM/)
    url.password = 'wrong'
    await expect(line(plainRedis(url.href))).rejects.toThrow(
      /no connection to Redis at 127\.0\.0\.1:\d+ \(.*\)\. Check REDIS_URL\.$/,
    )
    await expect(line(plainRedis(url.href))).rejects.not.toThrow(/wrong:|:wrong@/)
  })

  test('over TLS, by the authority that is named and by no other', async () => {
    const mine = await openAuthority({ folder: join(folder, 'mine'), hosts: [] })
    const other = await openAuthority({ folder: join(folder, 'other'), hosts: [] })
    const { cert, key } = await mine.serverCertificate()
    writeFileSync(join(folder, 'cert.pem'), cert)
    writeFileSync(join(folder, 'key.pem'), key)
    const words = [
      '--tls-cert-file',
      join(folder, 'cert.pem'),
      '--tls-key-file',
      join(folder, 'key.pem'),
      '--tls-ca-cert-file',
      mine.caFile,
      '--tls-auth-clients',
      'no',
    ]
    const server = await redis({ tls: true, words })
    const url = `rediss://localhost:${server.port}`
    await works({ ...plainRedis(url), caFile: mine.caFile })
    await expect(line({ ...plainRedis(url), caFile: other.caFile })).rejects.toThrow(/no connection to Redis/)
    await expect(line(plainRedis(url))).rejects.toThrow(/no connection to Redis/)
  })

  test('a server that hangs is not waited for, and what is lost is said at once', async () => {
    const server = await redis()
    const speaking = await line(plainRedis(server.url))
    const turned: boolean[] = []
    speaking.onTurned(isOpen => turned.push(isOpen))
    server.freeze()
    await expect(speaking.command('get', 'a')).rejects.toThrow('timed out')
    server.thaw()
    await server.kill()
    await until(() => turned.includes(false))
    expect(speaking.isOpen()).toBe(false)
    await expect(speaking.command('get', 'a')).rejects.toThrow()
    closing.push((await startRedis(folder, { port: server.port })).stop)
    await until(() => turned.at(-1) === true)
    await speaking.command('set', 'a', '1')
  })

  test('who hears hears again when the server is back', async () => {
    const server = await redis()
    const hearing = await line(plainRedis(server.url))
    const heard: string[] = []
    await hearing.hear('news', text => heard.push(text))
    await server.kill()
    const again = await startRedis(folder, { port: server.port })
    closing.push(again.stop)
    const speaking = await line(plainRedis(again.url))
    await until(async () => {
      await speaking.command('publish', 'news', 'back')
      return heard.includes('back')
    })
  })

  test('sentinels say which server it is, also after that one died', { timeout: AGREE_MS_MAX }, async () => {
    const first = await redis()
    const second = await redis({ words: ['--replicaof', `127.0.0.1 ${first.port}`] })
    const watching: TestRedis[] = []
    for (const at of [1, 2, 3]) {
      const file = join(folder, `sentinel-${at}.conf`)
      const port = await freePort()
      writeFileSync(
        file,
        `port ${port}\nsentinel monitor campus 127.0.0.1 ${first.port} 2\nsentinel down-after-milliseconds campus 500\nsentinel failover-timeout campus 5000\n`,
      )
      watching.push(await redis({ port, words: [file, '--sentinel'] }))
    }
    const asked = await line(plainRedis(watching[0]!.url))
    const known = async (what: string) => String(await asked.command('sentinel', what, 'campus'))
    await until(
      async () =>
        (await known('replicas')).includes(String(second.port)) &&
        (await known('sentinels')).includes(String(watching[2]!.port)),
    )

    const choice = {
      ...plainRedis('redis://unused'),
      sentinels: watching.map(({ port }) => ({ host: '127.0.0.1', port })),
      sentinelName: 'campus',
    }
    const speaking = await works(choice)
    expect(String(await speaking.command('info', 'server'))).toContain(`tcp_port:${first.port}`)
    await first.kill()
    await until(() => speaking.command('set', 'after', 'the fall'))
    expect(String(await speaking.command('info', 'server'))).toContain(`tcp_port:${second.port}`)
  })

  test('a cluster of three has each key where it belongs', { timeout: AGREE_MS_MAX }, async () => {
    const nodes: TestRedis[] = []
    for (let at = 0; at < 3; at++)
      nodes.push(await redis({ words: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'] }))
    const lines = await Promise.all(nodes.map(({ url }) => line(plainRedis(url))))
    const slots = [0, 5461, 10_923, 16_384]
    for (const [at, node] of lines.entries()) {
      await node.command('cluster', 'addslotsrange', slots[at]!, slots[at + 1]! - 1)
      await node.command('cluster', 'set-config-epoch', at + 1)
      if (at > 0) await node.command('cluster', 'meet', '127.0.0.1', nodes[0]!.port)
    }
    for (const node of lines) {
      await until(async () => {
        const info = String(await node.command('cluster', 'info'))
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
      })
    }
    const [one, ...more] = nodes
    const choice = { ...plainRedis(one!.url), cluster: more.map(({ port }) => ({ host: '127.0.0.1', port })) }
    const speaking = await works(choice)
    for (let at = 0; at < 100; at++) await speaking.command('set', `gatehouse:key ${at}`, String(at))
    for (let at = 0; at < 100; at++) expect(await speaking.command('get', `gatehouse:key ${at}`)).toBe(String(at))
    const sizes = await Promise.all(lines.map(async node => Number(await node.command('dbsize'))))
    expect(sizes.every(size => size > 10)).toBe(true)
    const sha = await speaking.command('script', 'load', 'return KEYS[1]')
    for (let at = 0; at < 30; at++)
      expect(await speaking.command('evalsha', String(sha), 1, `gatehouse:key ${at}`)).toBe(`gatehouse:key ${at}`)
  })

  test('nobody there is said with the places that were tried', async () => {
    const port = await freePort()
    const nowhere = { ...plainRedis('redis://unused'), sentinels: [{ host: '127.0.0.1', port }] }
    await expect(line(nowhere)).rejects.toThrow(`no connection to Redis at the sentinels 127.0.0.1:${port}`)
  })
})
