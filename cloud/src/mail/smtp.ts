import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import { createTransport } from 'nodemailer'
import type { Guarded } from '../http/breaker.ts'
import type { Written } from './write.ts'

export type Parcel = Written & {
  /** Tells the mail from every other, also to its receiver: brought twice, it is recognised. */
  readonly id: string
  readonly to: { readonly address: string; readonly name: string }
  readonly language: Language
}

export type Brought = {
  /** `refused`: trying again would bring the same answer. */
  readonly outcome: 'taken' | 'not now' | 'refused'
  /** The server's own, where it said any. */
  readonly words: string
}

/** Whoever takes mail further. */
export type Courier = AsyncDisposable & {
  bring(parcel: Parcel): Promise<Brought>
  /** Connects and signs in, and brings nothing; rejects with the server's words. */
  greet(): Promise<void>
}

const CONNECTIONS_MAX = 5
const CONNECT_MS_MAX = 10_000
const SILENCE_MS_MAX = 60_000
/** Of one mail, waiting for a connection and all. */
const BRING_MS_MAX = 120_000

/** A mail server: `smtp(s)://user:password@host:port`. TLS is required, except to this machine itself. */
export function openSmtp({
  url,
  from,
  caFile,
  guarded = (_name, _options, call) => call(new AbortController().signal),
  connectMsMax = CONNECT_MS_MAX,
  silenceMsMax = SILENCE_MS_MAX,
}: {
  readonly url: string
  /** `Gatehouse <gatehouse@school.example>` */
  readonly from: string
  /** The authority of the server's certificate, where it is not one that everybody knows. */
  readonly caFile: string | null
  /** Stands between us and a server that is down. */
  readonly guarded?: Guarded
  /** How long a connection and a greeting are waited for, and a word after that. */
  readonly connectMsMax?: number
  readonly silenceMsMax?: number
}): Courier {
  const server = new URL(url)
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const [user, pass] = [decodeURIComponent(server.username), decodeURIComponent(server.password)]
  const secure = server.protocol === 'smtps:'
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    // A mail whose connection broke goes back to the queue of jobs, which knows for how long to try.
    maxRequeues: 0,
    host,
    port: Number(server.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isHere(host),
    ignoreTLS: !secure && isHere(host),
    ...(user !== '' && { auth: { user, pass } }),
    ...(caFile !== null && { tls: { ca: readFileSync(caFile) } }),
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    socketTimeout: silenceMsMax,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.replace(/^.*@|>.*$/g, '').trim()

  return {
    async bring({ id, to, subject, text, html, language }) {
      try {
        const sent = await guarded(
          'smtp',
          { timeoutMs: BRING_MS_MAX, isFailure: problem => !isAboutMail(problem) },
          () =>
            transport.sendMail({
              from,
              to,
              subject,
              text,
              html,
              messageId: `<${id}@${domain}>`,
              headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
            }),
        )
        return { outcome: 'taken', words: sent.response }
      } catch (problem) {
        return notBrought(problem as SmtpProblem)
      }
    },
    greet: async () => void (await transport.verify()),
    async [Symbol.asyncDispose]() {
      transport.close()
    },
  }
}

function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

type SmtpProblem = Error & {
  readonly code?: string
  readonly command?: string
  readonly response?: string
  readonly responseCode?: number
}

/** Whether the server answered, and of this mail: then it is not the server that is away. */
export function isAboutMail(problem: unknown): boolean {
  const { command = '', responseCode, code } = problem as SmtpProblem
  return code === 'EENVELOPE' ? true : responseCode !== undefined && OF_THE_MAIL.includes(command)
}

/** What the server says of the mail itself; a greeting or a password refused is about us, and will be put right. */
const OF_THE_MAIL = ['MAIL FROM', 'RCPT TO', 'DATA']

function notBrought({ code, command = '', response, responseCode, message }: SmtpProblem): Brought {
  const answered = responseCode !== undefined && responseCode >= 500 && OF_THE_MAIL.includes(command)
  const unsendable = code === 'EENVELOPE' && responseCode === undefined
  const words = (response ?? message).replace(/\s+/g, ' ').slice(0, 500)
  return { outcome: answered || unsendable ? 'refused' : 'not now', words }
}
