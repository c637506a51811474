import type { Express } from 'express'
import { accessEventsRoutes } from './access/access-events.routes.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import type { AccessTokens } from './auth/access-token.ts'
import { authRoutes } from './auth/auth.routes.ts'
import type { Identity } from './auth/identity.ts'
import type { Passwords } from './auth/password.ts'
import { type CardOffersRoutesNeeds, cardOffersRoutes } from './cards/card-offers.routes.ts'
import { learnRoutes } from './cards/learn.routes.ts'
import type { Db } from './db/tables.ts'
import { presentRoutes } from './demo/present.routes.ts'
import { type DeviceRoutesNeeds, deviceRoutes } from './device/device.routes.ts'
import { gateConfigurationRoutes } from './gates/gate-configuration.routes.ts'
import { gatesRoutes } from './gates/gates.routes.ts'
import { type Binder, binder } from './http/bind.ts'
import { dashboardRoutes } from './http/dashboard.ts'
import { type Check, healthRoutes } from './http/health.ts'
import { answeredOnce } from './http/idempotency.ts'
import { addressLimit, sessionLimit, signInLimits } from './http/limits.ts'
import { type Log, said } from './http/log.ts'
import { httpServer } from './http/server.ts'
import type { Vault } from './keys/vault.ts'
import { listsRoutes } from './lists/lists.routes.ts'
import { myRoutes } from './passes/device-keys.routes.ts'
import { passesRoutes } from './passes/passes.routes.ts'
import { printRoutes } from './passes/print.routes.ts'
import { verifyRoutes } from './passes/verify.routes.ts'
import { openFonts } from './printing/fonts.ts'
import { studentsRoutes } from './students/students.routes.ts'
import { type Wallets, walletRoutes } from './wallets/wallet.routes.ts'

export type AppNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly tokens: AccessTokens
  readonly identity: Identity
  readonly passwords: Passwords
  readonly log: Log
  readonly nowMs: () => number
  readonly publicUrl: string
  readonly trustedProxies: readonly string[]
  readonly dashboardFolder: string
  /** File that says where simulated hardware listens; null where the hardware is real. */
  readonly simulatorsFile: string | null
  readonly mqtt: DeviceRoutesNeeds['mqtt']
  /** Tells a broker beside the cloud the password of a gate that was just enrolled. */
  readonly keepGatePassword?: (gateId: string, password: string) => Promise<void>
  readonly publishToGate: CardOffersRoutesNeeds['publishToGate']
  /** Null: nobody set that wallet up. */
  readonly wallets: Wallets
  readonly checks: readonly Check[]
  readonly version: string
  /** Holds every answer against its schema. */
  readonly checkAnswers?: boolean
}

/** Everything the cloud says over HTTP. */
export function app(needs: AppNeeds): { readonly express: Express; readonly bound: Binder['bound'] } {
  const { db, vault, tokens, identity, passwords, log, nowMs, publicUrl, checkAnswers = false } = needs
  const secure = publicUrl.startsWith('https:')

  const routes = binder({ identity, limit: sessionLimit(), once: answeredOnce({ db, nowMs }), checkAnswers })
  authRoutes(routes, { db, tokens, passwords, limits: signInLimits(), secure, nowMs })
  studentsRoutes(routes, { db, nowMs })
  passesRoutes(routes, { db, vault, nowMs })
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
  presentRoutes(routes, { db, vault, simulatorsFile: needs.simulatorsFile })

  const health = healthRoutes({
    checks: needs.checks,
    version: needs.version,
    onFailed: (name, problem) => log.warn({ check: name, problem: said(problem) }, 'health.failed'),
  })
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
  const express = httpServer({
    api: routes.router,
    others: [health, device, dashboardRoutes(needs.dashboardFolder)],
    trustedProxies: needs.trustedProxies,
    secure,
    log,
  })
  return { express, bound: routes.bound }
}
