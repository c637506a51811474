import type { Express, Router } from 'express'
import { accessEventsRoutes } from './access/access-events.routes.ts'
import { accessLevelsRoutes } from './access-levels/access-levels.routes.ts'
import { applicationsRoutes } from './applications/applications.routes.ts'
import { myApplicationsRoutes } from './applications/my-applications.routes.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import { retentionRoutes } from './audit/retention.routes.ts'
import { accessKeysRoutes } from './auth/access-keys.routes.ts'
import type { AccessTokens } from './auth/access-token.ts'
import { authRoutes } from './auth/auth.routes.ts'
import { cookies as browserCookies, cookieKind } from './auth/cookies.ts'
import { enteredSchools } from './auth/entered-schools.ts'
import { factorsRoutes } from './auth/factors.routes.ts'
import type { Identity } from './auth/identity.ts'
import { openIssuers } from './auth/issuers.ts'
import type { Post } from './auth/letters.ts'
import { passkeysRoutes } from './auth/passkeys.routes.ts'
import type { Passwords } from './auth/password.ts'
import { passwordsRoutes } from './auth/passwords.routes.ts'
import { countedWith, secondFactorRoutes } from './auth/second-factor.routes.ts'
import { setupRoutes } from './auth/setup.routes.ts'
import { signIn } from './auth/sign-in.ts'
import { signInRulesRoutes } from './auth/sign-in-rules.routes.ts'
import { signOnRoutes } from './auth/sign-on.routes.ts'
import { openPasskeys } from './auth/webauthn.ts'
import type { Cache } from './cache/cache.ts'
import { type CardOffersRoutesNeeds, cardOffersRoutes } from './cards/card-offers.routes.ts'
import { learnRoutes } from './cards/learn.routes.ts'
import type { Db, Tx } from './db/tables.ts'
import { presentRoutes } from './demo/present.routes.ts'
import { departmentsRoutes } from './departments/departments.routes.ts'
import { type DeviceRoutesNeeds, deviceRoutes } from './device/device.routes.ts'
import { exportsRoutes } from './export/exports.routes.ts'
import { staffExportsRoutes } from './export/staff-exports.routes.ts'
import type { BlobStore } from './files/blob-store.ts'
import { filesRoutes } from './files/files.routes.ts'
import { gateConfigurationRoutes } from './gates/gate-configuration.routes.ts'
import { gatesRoutes } from './gates/gates.routes.ts'
import { type Graphql, openGraphql } from './graphql/open-graphql.ts'
import { groupsRoutes } from './groups/groups.routes.ts'
import { calendarRoutes } from './hours/calendar.routes.ts'
import { hoursRoutes } from './hours/hours.routes.ts'
import { apiPage } from './http/api-page.ts'
import { type Binder, binder } from './http/bind.ts'
import type { Breakers } from './http/breaker.ts'
import type { Counters } from './http/counters.ts'
import { dashboardRoutes } from './http/dashboard.ts'
import type { Ask } from './http/guarded-request.ts'
import { type Check, healthRoutes } from './http/health.ts'
import { answeredOnce } from './http/idempotency.ts'
import {
  addressLimit,
  beginLimit,
  factorLimit,
  passwordLimit,
  refusedLimit,
  resetLimit,
  sessionLimit,
  signInLimits,
} from './http/limits.ts'
import { type Log, said } from './http/log.ts'
import type { Meters } from './http/metrics.ts'
import { httpServer } from './http/server.ts'
import { invitationsRoutes } from './invitations/invitations.routes.ts'
import { countJobs } from './jobs/jobs.repo.ts'
import { jobsRoutes } from './jobs/jobs.routes.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { SchoolName } from './keys/school-keys.ts'
import type { Vault } from './keys/vault.ts'
import { listsRoutes } from './lists/lists.routes.ts'
import { surveyGatehouse } from './live/survey.ts'
import type { Watch } from './live/watch.ts'
import { outboxRoutes } from './mail/outbox.routes.ts'
import { profileRoutes } from './my/profile.routes.ts'
import { deliveriesRoutes } from './notifications/deliveries.routes.ts'
import { inboxRoutes } from './notifications/inbox.routes.ts'
import { openPushKeys } from './notifications/push-keys.ts'
import type { SmsAccount } from './notifications/sms.ts'
import { smsCallbackRoutes } from './notifications/sms-callback.routes.ts'
import { webhooksRoutes } from './notifications/webhooks.routes.ts'
import { myRoutes } from './passes/device-keys.routes.ts'
import { passChangesRoutes } from './passes/pass-changes.routes.ts'
import { passesRoutes } from './passes/passes.routes.ts'
import { printRoutes } from './passes/print.routes.ts'
import { verifyRoutes } from './passes/verify.routes.ts'
import { personsRoutes } from './persons/persons.routes.ts'
import { openFonts } from './printing/fonts.ts'
import { schoolsRoutes } from './schools/schools.routes.ts'
import { scimRoutes } from './scim/scim.routes.ts'
import { searchRoutes } from './search/search.routes.ts'
import { importsRoutes } from './sis/imports.routes.ts'
import { sourcesRoutes } from './sis/sources.routes.ts'
import { studentsRoutes } from './students/students.routes.ts'
import { studentsManyRoutes } from './students/students-many.routes.ts'
import { termsRoutes } from './terms/terms.routes.ts'
import { invitedUser } from './users/invited-user.ts'
import { usersRoutes } from './users/users.routes.ts'
import { visitorExportRoutes } from './visitors/visitor-export.routes.ts'
import { visitorsRoutes } from './visitors/visitors.routes.ts'
import { type Wallets, walletRoutes } from './wallets/wallet.routes.ts'

export type AppNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly jobs: Jobs
  /** Where the bytes of files are. */
  readonly store: BlobStore
  /** Asks services at addresses that people entered. */
  readonly ask: Ask
  readonly tokens: AccessTokens
  readonly identity: Identity
  readonly passwords: Passwords
  readonly log: Log
  /** Mails about accounts: each leaves with the transaction it is written in. */
  readonly post: Post
  /** In the transaction that makes a school: on embedded parts its keys are signed here. */
  readonly onSchoolMade: (tx: Tx, school: SchoolName) => Promise<void>
  readonly nowMs: () => number
  readonly publicUrl: string
  /** Null: no text messages. */
  readonly sms: SmsAccount | null
  /** Web hooks and push messages may go to private addresses, and without TLS. */
  readonly privateWebhooks: boolean
  readonly trustedProxies: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly dashboardFolder: string
  /** File that says where simulated hardware listens; null where the hardware is real. */
  readonly simulatorsFile: string | null
  readonly mqtt: DeviceRoutesNeeds['mqtt']
  /** Tells a broker beside the cloud the password of a gate that was just enrolled. */
  readonly keepGatePassword?: (gateId: string, password: string) => Promise<void>
  readonly publishToGate: CardOffersRoutesNeeds['publishToGate']
  /** Null: nobody set that wallet up. */
  readonly wallets: Wallets
  /** Where the limits count; of several processes together. */
  readonly counters: Counters
  readonly cache: Cache
  /** What is said on the live feed. */
  readonly watch: Watch
  readonly meters: Meters
  /** Null: only this machine reads the meters. */
  readonly metricsToken: string | null
  /** Calls what is outside. */
  readonly breakers: Breakers
  readonly checks: readonly Check[]
  readonly version: string
  /** Holds every answer against its schema. */
  readonly checkAnswers?: boolean
}

export type App = {
  readonly express: Express
  readonly bound: Binder['bound']
  readonly graphql: Omit<Graphql, 'router'>
}

/** Everything the cloud says over HTTP. */
export function app(needs: AppNeeds): App {
  const { db, vault, identity, passwords, log, nowMs, publicUrl, checkAnswers = false } = needs
  const secure = publicUrl.startsWith('https:')

  const limit = sessionLimit()
  const onEntered = enteredSchools({ db, nowMs })
  const routes = binder({
    identity,
    limit,
    once: answeredOnce({ db, nowMs }),
    onEntered,
    checkAnswers,
  })
  const signOn = signInParts(routes, needs)
  const imports = { db, vault, jobs: needs.jobs, ask: needs.ask, nowMs }
  // Before `/students/:studentId`: neither `export` nor `duplicates` is an id.
  exportsRoutes(routes, { db, vault, nowMs })
  visitorExportRoutes(routes, { db, vault, nowMs })
  staffExportsRoutes(routes, { db, vault, nowMs })
  studentsManyRoutes(routes, { db, vault, nowMs })
  studentsRoutes(routes, { db, vault, nowMs })
  departmentsRoutes(routes, { db, nowMs })
  importsRoutes(routes, imports)
  sourcesRoutes(routes, imports)
  usersRoutes(routes, { db, passwords, nowMs, invite: invitedUser(needs) })
  searchRoutes(routes, { db, vault, nowMs })
  schoolsRoutes(routes, { db, vault, jobs: needs.jobs, nowMs, onSchoolMade: needs.onSchoolMade })
  passesRoutes(routes, { db, vault, nowMs })
  visitorsRoutes(routes, { db, vault, nowMs })
  applicationsRoutes(routes, { db, vault, jobs: needs.jobs, nowMs })
  myApplicationsRoutes(routes, { db, vault, jobs: needs.jobs, nowMs })
  passChangesRoutes(routes, { db, vault, jobs: needs.jobs, nowMs })
  groupsRoutes(routes, { db, nowMs })
  hoursRoutes(routes, { db, nowMs })
  calendarRoutes(routes, { db, nowMs })
  accessLevelsRoutes(routes, { db, nowMs })
  termsRoutes(routes, { db, nowMs })
  const fonts = openFonts()
  printRoutes(routes, { db, vault, fonts, nowMs })
  walletRoutes(routes, { db, vault, fonts, wallets: needs.wallets, nowMs })
  verifyRoutes(routes, { db, vault, nowMs })
  myRoutes(routes, { db, vault, nowMs })
  gatesRoutes(routes, { db, nowMs })
  gateConfigurationRoutes(routes, { db, nowMs })
  cardOffersRoutes(routes, { db, vault, nowMs, publishToGate: needs.publishToGate })
  learnRoutes(routes)
  listsRoutes(routes, { db, nowMs })
  accessEventsRoutes(routes, { db, nowMs })
  auditRoutes(routes, { db, nowMs })
  personsRoutes(routes, { db, vault, nowMs })
  filesRoutes(routes, { db, vault, jobs: needs.jobs, store: needs.store, nowMs })
  retentionRoutes(routes, { db, nowMs })
  jobsRoutes(routes, { db, jobs: needs.jobs, nowMs })
  outboxRoutes(routes, { db })
  const pushKeys = openPushKeys(db, vault)
  inboxRoutes(routes, { ...needs, pushKeys })
  webhooksRoutes(routes, { db, vault, allowPrivate: needs.privateWebhooks, nowMs })
  deliveriesRoutes(routes, { db, jobs: needs.jobs, nowMs })
  invitationsRoutes(routes, { db, vault, jobs: needs.jobs, passwords, fonts, publicUrl, nowMs })
  profileRoutes(routes, { db, nowMs })
  presentRoutes(routes, { db, vault, simulatorsFile: needs.simulatorsFile })

  const health = healthRoutes({
    checks: needs.checks,
    services: needs.breakers.states,
    version: needs.version,
    operatorToken: needs.metricsToken,
    onFailed: (name, problem) => log.warn({ check: name, problem: said(problem) }, 'health.failed'),
  })
  const metrics = needs.meters.routes(
    {
      jobs: () => countJobs(db),
      services: needs.breakers.states,
      survey: () => surveyGatehouse(db, nowMs()),
      nowMs,
    },
    needs.metricsToken,
    problem => log.warn({ problem: said(problem) }, 'metrics.failed'),
  )
  const device = deviceRoutes({
    db,
    vault,
    nowMs,
    limit: addressLimit('Too many tries to enrol from this address.'),
    publicUrl,
    mqtt: needs.mqtt,
    onEnrolled: async ({ gateId, tenant, cloud }) => {
      if (cloud !== null) await needs.keepGatePassword?.(gateId, cloud.mqtt.password)
      log.info({ gateId, tenant }, 'gate.enrolled')
    },
  })
  const graphql = openGraphql({ ...needs, limit, onEntered })
  const express = httpServer({
    api: routes.router,
    others: [
      apiPage(routes.bound, needs.version),
      graphql.router,
      health,
      metrics,
      scimRoutes({ ...needs, identity }),
      device,
      smsCallbackRoutes({ db, account: needs.sms, publicUrl, nowMs }),
      signOn,
      dashboardRoutes(needs.dashboardFolder),
    ],
    trustedProxies: needs.trustedProxies,
    counters: needs.counters,
    measure: needs.meters.measure,
    allowedOrigins: needs.allowedOrigins,
    secure,
    log,
  })
  return { express, bound: routes.bound, graphql }
}

/** Every way in, and what guards it. Answers what a browser is sent through, outside the API. */
function signInParts(routes: Binder, needs: AppNeeds): Router {
  const { db, vault, tokens, passwords, post, nowMs, publicUrl, log, onSchoolMade } = needs
  const cookies = browserCookies(cookieKind(publicUrl))
  const entry = signIn({ db, tokens, cookies, post, nowMs })
  const passkeys = openPasskeys(publicUrl)
  const begin = beginLimit()
  const own = { db, vault, post, nowMs }
  authRoutes(routes, { db, entry, cookies, passwords, limits: signInLimits(), nowMs })
  passwordsRoutes(routes, {
    ...own,
    passwords,
    changeLimit: passwordLimit(),
    askLimits: [addressLimit('Too many links were asked for from this address.'), resetLimit()],
    confirmLimit: addressLimit('Too many tries from this address.'),
  })
  const refused = refusedLimit('Too many tries to sign in from this address.')
  const codes = factorLimit(countedWith(db, cookies))
  factorsRoutes(routes, { ...own, codeLimit: passwordLimit() })
  secondFactorRoutes(routes, { db, vault, entry, passkeys, nowMs, limits: [refused, codes] })
  passkeysRoutes(routes, { ...own, entry, passkeys, beginLimit: begin, limit: refused })
  accessKeysRoutes(routes, { db, nowMs })
  signInRulesRoutes(routes, { db, vault, publicUrl, nowMs })
  setupRoutes(routes, {
    db,
    vault,
    passwords,
    nowMs,
    limit: addressLimit('Too many tries from this address.'),
    onSchoolMade,
  })
  const issuers = openIssuers({ guarded: needs.breakers.guarded, nowMs })
  return signOnRoutes({ db, vault, entry, cookies, issuers, publicUrl, nowMs, limit: begin, log })
}
