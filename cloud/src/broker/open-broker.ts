import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { openAuthority } from './authority.ts'
import type { Broker, Log } from './broker.ts'
import { clientAddress } from './client-address.ts'
import { openEmbeddedBroker } from './embedded-broker.ts'
import { openExternalBroker } from './external-broker.ts'
import type { IdentifyNeeds } from './identify.ts'
import { keepMosquittoPassword } from './mosquitto-passwords.ts'

/** How often the certificate is looked at; it is renewed a month before it ends. */
const RENEW_EVERY_MS = 12 * 3_600_000

export type OpenBrokerNeeds = IdentifyNeeds & {
  /** The cloud's own folder. */
  readonly dataFolder: string
  readonly host: string
  readonly mqttPort: number
  /** Where people and gates find this service. */
  readonly publicUrl: string
  /** A Mosquitto or EMQX for the gates; null = they connect to this process. */
  readonly mqttUrl: string | null
  readonly mqttCaFile: string | null
  /** Tells which session, key or person has ended. */
  readonly onSessionEnded: (heard: (id: string) => void) => void
  /** Whose `X-Forwarded-For` counts. */
  readonly trustedProxies?: readonly string[]
  readonly log: Log
}

/** What a gate is told at its enrolment. */
export type GateAddress = { readonly host: string; readonly port: number; readonly ca: string }

export type OpenBroker = {
  /** Where the cloud speaks with gates. */
  readonly gates: Broker
  /** Whether that is in this process: then no gate is connected yet. */
  readonly isEmbedded: boolean
  /** Where people watch: always in this process, by their token or key. */
  readonly watchers: Broker
  readonly gateAddress: GateAddress
  /** Whether gates and this process can reach each other through it. */
  isUp(): boolean
  /** Tells the broker beside the cloud the password of a gate that was just enrolled. */
  keepGatePassword(gateId: string, secret: string): Promise<void>
  /** The TLS listener's port. */
  readonly port: number
  /** For `upgrade` of the HTTP server; true when the request was ours. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  close(): Promise<void>
}

/** Opens the broker of this process, and the one beside it where there is one. */
export async function openBroker(needs: OpenBrokerNeeds): Promise<OpenBroker> {
  const { dataFolder, host, mqttPort, publicUrl, mqttUrl, mqttCaFile, log } = needs
  const folder = join(dataFolder, 'mqtt')
  const publicHost = hostOf(publicUrl)
  // A broker beside the cloud may take the same certificate.
  const hosts = mqttUrl === null ? [publicHost] : [publicHost, hostOf(mqttUrl)]
  const authority = await openAuthority({ folder, hosts })

  const here = await openEmbeddedBroker({
    host,
    port: mqttPort,
    certificate: await authority.serverCertificate(),
    checkGate: mqttUrl === null ? needs.checkGate : async () => null,
    checkToken: needs.checkToken,
    checkKey: needs.checkKey,
    // A proxy in front may say another host than the one people see.
    isOwnOrigin: (origin, request) =>
      origin === publicUrl || (URL.canParse(origin) && new URL(origin).host === request.headers.host),
    addressOf: clientAddress(needs.trustedProxies ?? []),
    log,
  })
  needs.onSessionEnded(id =>
    here.end(identity => identity.kind === 'person' && (identity.endsWith === id || identity.userId === id)),
  )
  const renewal = setInterval(() => {
    authority.serverCertificate().then(here.renew, (error: Error) => {
      log.error({ error: error.message }, 'mqtt.certificate_not_renewed')
    })
  }, RENEW_EVERY_MS)
  renewal.unref()

  const close = async () => {
    clearInterval(renewal)
    await here.close()
  }
  const { port, upgrade, isUp } = here
  if (mqttUrl === null) {
    const gateAddress = { host: publicHost, port, ca: authority.ca }
    const keepGatePassword = async () => {}
    return { gates: here, isEmbedded: true, watchers: here, gateAddress, isUp, keepGatePassword, port, upgrade, close }
  }

  const passwords = join(folder, 'passwords')
  const { username, password } = new URL(mqttUrl)
  try {
    if (username !== '') {
      await keepMosquittoPassword(passwords, decodeURIComponent(username), decodeURIComponent(password))
    }
    const beside = await openExternalBroker({ url: mqttUrl, caFile: mqttCaFile, log })
    return {
      gates: beside,
      isEmbedded: false,
      watchers: here,
      gateAddress: await addressOfBroker(mqttUrl, mqttCaFile),
      isUp: beside.isUp,
      keepGatePassword: (gateId, secret) => keepMosquittoPassword(passwords, gateId, secret),
      port,
      upgrade,
      async close() {
        await beside.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** An empty `ca` leaves a gate with the authorities of its system. */
async function addressOfBroker(mqttUrl: string, caFile: string | null): Promise<GateAddress> {
  const { port } = new URL(mqttUrl)
  const ca = caFile === null ? '' : await readFile(caFile, 'utf8')
  return { host: hostOf(mqttUrl), port: Number(port || 8883), ca }
}

const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '')
