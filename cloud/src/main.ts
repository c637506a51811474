import { readFileSync } from 'node:fs'
import { ACK_TYP } from '@gatehouse/shared/events/batch.ts'
import type { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { app } from './app.ts'
import { measureDecisions } from './applications/processing-time.ts'
import { applicationCheck, onFileSettled } from './applications/run-check.ts'
import { applicationUpkeep } from './applications/upkeep.ts'
import { startSealer } from './audit/sealer.ts'
import { openAccessTokens } from './auth/access-token.ts'
import { cookieKind } from './auth/cookies.ts'
import { checkGate } from './auth/gate-login.ts'
import { openIdentity } from './auth/identity.ts'
import { openPasswords } from './auth/password.ts'
import { resetLetters } from './auth/reset-letters.ts'
import { watchSessionEnds } from './auth/session-ends.ts'
import { setupLink } from './auth/setup.repo.ts'
import { openBroker } from './broker/open-broker.ts'
import { type Deliver, memoryBus, redisBus } from './cache/bus.ts'
import { openCache } from './cache/cache.ts'
import { openRedis } from './cache/redis.ts'
import { takeCards } from './cards/take-cards.ts'
import type { Config } from './config.ts'
import { findSchools } from './db/definer.ts'
import { openDatabase } from './db/open.ts'
import { drainOutbox } from './db/outbox.ts'
import { warnOfSlow } from './db/queries.ts'
import { inSchool } from './db/school.ts'
import type { Tx } from './db/tables.ts'
import { seedDemo } from './demo/seed.ts'
import { startIngest } from './events/ingest.ts'
import { openFiles } from './files/open-files.ts'
import { fileHandlers } from './files/process-file.ts'
import { startGateNews } from './gates/gate-news.ts'
import { publishConfigurations } from './gates/publish-configurations.ts'
import { openBreakers } from './http/breaker.ts'
import { memoryCounters, sharedCounters } from './http/counters.ts'
import { guardedAsk } from './http/guarded-request.ts'
import { healthChecks } from './http/health-checks.ts'
import { listen } from './http/listen.ts'
import { type Log, said } from './http/log.ts'
import { openMeters } from './http/metrics.ts'
import { inviteChosen } from './invitations/invite.ts'
import { startDueRevocations } from './jobs/due-revocations.ts'
import { startHeadClock } from './jobs/head-clock.ts'
import { openJobs } from './jobs/jobs.ts'
import { startUpkeep } from './jobs/upkeep.ts'
import { startJobs, type Workers } from './jobs/workers.ts'
import { publishFirstBundle, rootsInFolder } from './keys/first-bundle.ts'
import { masterKey } from './keys/master-key.ts'
import { publishTrust } from './keys/publish-trust.ts'
import { rotateDataKey } from './keys/rotate-data-keys.ts'
import { makeSchoolKeys, type SchoolName, signerBySchool } from './keys/school-keys.ts'
import { openVault } from './keys/vault.ts'
import { openPublisher } from './lists/publisher.ts'
import { watchGateStates } from './live/gate-states.ts'
import { startLive } from './live/live.ts'
import { openWatch } from './live/watch.ts'
import { deliverMail } from './mail/deliver.ts'
import { openSmtp } from './mail/smtp.ts'
import { tellOfDead } from './mail/tell-of-dead.ts'
import { handOver } from './notifications/hand-over.ts'
import { postLetters } from './notifications/post-letters.ts'
import { sendingHandlers } from './notifications/sending.ts'
import { startExpiryReminders } from './passes/expiring.ts'
import { issueBatch } from './passes/pass-batch.ts'
import { renewMany } from './passes/pass-renewals.ts'
import { importHandlers } from './sis/handlers.ts'
import { restingAsk } from './sis/oneroster/resting-ask.ts'
import { openWallets } from './wallets/open-wallets.ts'

export type Cloud = {
  readonly httpPort: number
  readonly mqttPort: number
  /** Where nobody has begun: the address that makes the first school, once. For the screen, never for a log. */
  readonly setupLink: string | null
  /** Takes no more requests, and answers when those in hand have been answered. */
  takeNoMore(): Promise<void>
  /** Finishes what is in hand, oldest part last. */
  stop(): Promise<void>
}

const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version

/** The service, put together by hand. What is opened here is closed in the opposite order. */
export async function startCloud(config: Config, log: Log): Promise<Cloud> {
  const nowMs = () => Date.now()
  const does = (role: Config['roles'][number]) => config.roles.includes(role)
  const closing: (() => PromiseLike<unknown>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).toReversed()) {
      try {
        await close()
      } catch (problem) {
        log.warn({ problem: said(problem) }, 'cloud.close_failed')
      }
    }
  }

  try {
    const meters = openMeters()
    const warnSlow = warnOfSlow(fields => log.warn(fields, 'database.slow_query'))
    const database = await openDatabase(
      config,
      problem => log.warn({ problem: said(problem) }, 'database.connection_lost'),
      query => {
        meters.onQuery(query)
        warnSlow(query)
      },
    )
    closing.push(() => database[Symbol.asyncDispose]())
    const { db } = database
    const vault = openVault(masterKey(config))
    const passwords = openPasswords()
    if (config.demo && (await seedDemo({ db, vault, passwords, nowMs, accountsFile: config.demoAccountsFile }))) {
      log.info({ accounts: config.demoAccountsFile }, 'demo.made')
    }

    const breakers = openBreakers({ onTurned: (service, state) => log.warn({ service, state }, 'service.turned') })
    closing.push(async () => breakers.close())

    const files = await openFiles(config, breakers.guarded)
    closing.push(async () => files.close())
    log.info({ store: files.store.kind, scanner: files.scanner === null ? 'none' : 'clamd' }, 'files.open')
    const ask = restingAsk(breakers.guarded, guardedAsk({ allowPrivate: config.privateSources }))
    const jobs = await openJobs({ database, works: does('jobs'), nowMs, log })
    closing.push(() => jobs[Symbol.asyncDispose]())
    const post = postLetters(jobs)
    /** Where people keep the roots, nobody here has them. The demo begins by itself on whatever database it has. */
    const onSchoolMade = async (tx: Tx, school: SchoolName) => {
      if (config.databaseUrl !== null && !config.demo) return
      await publishFirstBundle(tx, vault, school, rootsInFolder(config.dataFolder, school.tenant), nowMs())
    }

    const tokens = await openAccessTokens({ db, vault, issuer: config.publicUrl, nowMs })
    const identity = openIdentity({ db, tokens, nowMs })
    const ends = await watchSessionEnds(database)
    closing.push(ends.stop)

    const broker = await openBroker({
      ...config,
      checkGate: (gateId, password) => checkGate(db, gateId, password),
      checkToken: identity.authenticateToken,
      checkKey: identity.authenticateKey,
      onSessionEnded: ends.onSessionEnded,
      log,
    })
    closing.push(broker.close)
    const watch = openWatch()
    const deliver: Deliver = (topic, payload, options) => {
      watch.tell(topic, payload)
      return broker.watchers.publish(topic, payload, options)
    }
    const { redis } = config
    const open = redis === null ? null : (name: string) => openRedis(redis, name, log)
    const bus = open === null ? memoryBus({ deliver, log }) : await redisBus({ open, deliver, log })
    closing.push(bus.close)
    const line = open === null ? null : await open('counts')
    closing.push(async () => line?.close())
    const counters = line === null ? memoryCounters : sharedCounters({ redis: line, guarded: breakers.guarded })

    const cache = await openCache({
      redis: open === null ? null : { open, guarded: breakers.guarded },
      version: VERSION,
      nowMs,
      onAsked: meters.onCacheAsked,
    })
    closing.push(async () => cache.close())

    const decisions = measureDecisions({ db, onDecided: meters.onApplicationDecided })
    const live = await startLive({ db, bus, log })
    closing.push(live.stop)
    const onProblem = (problem: unknown, kind: string | null) =>
      log.error({ kind, problem: said(problem) }, 'outbox.failed')
    const news = await drainOutbox({
      database,
      handlers: {
        ...live.handlers,
        'application.changed': async rows => {
          await live.handlers['application.changed'](rows)
          await decisions(rows)
        },
        ...cache.handlers,
        ...handOver({ db, jobs, say: bus.say, publicUrl: config.publicUrl }),
        ...ends.handlers,
        ...resetLetters({ db, post, publicUrl: config.publicUrl, nowMs }),
      },
      onProblem,
    })
    closing.push(news.stop)

    const courier =
      config.smtp === null || !does('jobs') ? null : openSmtp({ ...config.smtp, guarded: breakers.guarded })
    if (courier !== null) closing.push(() => courier[Symbol.asyncDispose]())
    let workers: Workers | null = null
    if (does('jobs')) {
      const publishHead = ({ tenant, scope, headJws }: { tenant: string; scope: string; headJws: string }) =>
        broker.gates.publish(topics.list(tenant, scope), headJws, { retain: true })
      const publisher = openPublisher({ db, vault, nowMs, publishHead })
      for (const { id: schoolId, tenant } of await findSchools(db)) {
        await inSchool(db, schoolId, async tx => {
          await makeSchoolKeys(tx, vault, { schoolId, tenant })
          await onSchoolMade(tx, { schoolId, tenant })
        })
      }
      const tellTrust = (tenant: string, chain: TrustChain) =>
        broker.gates.publish(topics.trust(tenant), JSON.stringify(chain), { retain: true })
      await publishTrust(db, null, tellTrust)
      await publisher.all()
      const configurations = {
        db,
        vault,
        publish: (tenant: string, gateId: string, jws: string) =>
          broker.gates.publish(topics.config(tenant, gateId), jws, { retain: true }),
      }
      await publishConfigurations(configurations, 'all')
      const lists = await drainOutbox({
        database,
        handlers: {
          'file.settled': onFileSettled({ db, jobs, nowMs }),
          'list.changed': rows => publisher.changed(rows.map(({ schoolId }) => schoolId!)),
          'configuration.changed': rows =>
            publishConfigurations(configurations, { gateIds: rows.map(({ body }) => body.gateId) }),
          async 'trust.changed'(rows) {
            const schoolIds = rows.map(({ schoolId }) => schoolId!)
            await publishTrust(db, schoolIds, tellTrust)
            // Signed anew by the keys of today.
            await publisher.changed(schoolIds)
            await publishConfigurations(configurations, { schoolIds })
          },
        },
        onProblem,
      })
      closing.push(lists.stop)
      workers = await startJobs({
        database,
        jobs,
        handlers: {
          mail: deliverMail({ db, courier, nowMs }),
          ...sendingHandlers({ ...config, db, vault, jobs, guarded: breakers.guarded, nowMs }),
          rotate_data_key: rotateDataKey({ db, vault, nowMs }),
          pass_batch: issueBatch({ db, nowMs }),
          pass_renewals: renewMany({ db, nowMs }),
          invitations: inviteChosen({ db, vault, jobs, publicUrl: config.publicUrl, nowMs }),
          ...fileHandlers({ db, vault, ...files, guarded: breakers.guarded, nowMs }),
          application_check: applicationCheck({ db, vault, nowMs }),
          application_upkeep: applicationUpkeep({ db, nowMs }),
          ...importHandlers({ db, vault, jobs, ask, publicUrl: config.publicUrl, nowMs }),
        },
        onDead: tellOfDead({ jobs }),
        log,
      })
      closing.push(workers.stop)
      await jobs.repeat({
        kind: 'application_upkeep',
        key: 'all',
        schoolId: null,
        cron: '*/10 * * * *',
        timeZone: 'UTC',
        title: 'Hand over applications that wait in vain',
        body: {},
      })
      closing.push(startHeadClock(publisher, log))
      closing.push(startDueRevocations({ db, nowMs, log }))
      closing.push(startExpiryReminders({ db, nowMs, log }))
      closing.push(startGateNews({ db, nowMs, log }))
      closing.push(startSealer({ db, log }))
      closing.push(
        await startUpkeep({
          database,
          store: files.store,
          hasOwner: config.databaseUrl === null || config.databaseOwnerUrl !== null,
          nowMs,
          log,
        }),
      )
    }

    if (does('ingest')) {
      const ackSigner = signerBySchool({ db, vault, use: 'ack', nowMs })
      const ingest = await startIngest({
        db,
        broker: broker.gates,
        signAck: async (schoolId, ack) => (await ackSigner(schoolId)).jws(ACK_TYP, JSON.stringify(ack)),
        shareAs: broker.isEmbedded ? null : 'ingest',
        onStored: meters.onEventsStored,
        log,
      })
      closing.push(ingest.stop)
      const states = await watchGateStates({ db, broker: broker.gates, log, isFresh: broker.isEmbedded })
      closing.push(states.stop)
      const shareAs = broker.isEmbedded ? null : 'cards'
      closing.push((await takeCards({ db, vault, broker: broker.gates, nowMs, shareAs, log })).stop)
    }

    const { express, graphql } = app({
      ...config,
      db,
      vault,
      jobs,
      store: files.store,
      ask,
      tokens,
      identity,
      passwords,
      log,
      post,
      onSchoolMade,
      nowMs,
      mqtt: broker.gateAddress,
      keepGatePassword: broker.keepGatePassword,
      publishToGate: broker.gates.publish,
      wallets: openWallets(config),
      breakers,
      counters,
      cache,
      watch,
      meters,
      checks: healthChecks({
        db,
        brokerIsUp: broker.isUp,
        redis: line === null ? null : () => line.command('ping'),
        mail: courier === null ? null : courier.greet,
        jobsStuckMs: workers === null ? null : workers.lookedMsAgo,
        files: files.store.check,
        scanner: files.pingScanner,
        dataFolder: config.dataFolder,
      }),
      version: VERSION,
    })
    ends.onSessionEnded(graphql.ended)
    const upgrade: typeof broker.upgrade = (...asked) => graphql.upgrade(...asked) || broker.upgrade(...asked)
    const http = await listen({ express, host: config.host, port: config.httpPort, upgrade })
    const takeNoMore = () => {
      // What is told for as long as somebody listens would never be answered.
      graphql.close()
      return http.stop()
    }
    closing.push(takeNoMore)
    log.info(
      { url: config.publicUrl, httpPort: http.port, mqttPort: broker.port, database: database.engine },
      'cloud.ready',
    )
    if (cookieKind(config.publicUrl) === 'none') {
      log.warn(
        { url: config.publicUrl },
        'cloud.no_tls: browsers are given no cookies over plain http, and are signed out after 15 minutes; put TLS in front and set GATEHOUSE_PUBLIC_URL to https://',
      )
    }
    const setup = config.demo ? null : await setupLink(db, { publicUrl: config.publicUrl, nowMs: nowMs() })
    return { httpPort: http.port, mqttPort: broker.port, takeNoMore, setupLink: setup, stop }
  } catch (problem) {
    await stop()
    throw problem
  }
}
