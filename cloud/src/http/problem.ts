import { randomUUID } from 'node:crypto'
import type { Envelope, Pagination } from '@gatehouse/shared/wire/api/envelope.ts'
import type { NextFunction, Request, Response } from 'express'
import { inRequest } from './request-now.ts'

export type Detail = { readonly path: string; readonly message: string }

/** What an answer says when it is no. The message is for a person: what happened, to what, what to do. */
export type Problem = {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: readonly Detail[]
}

export const NOT_SIGNED_IN: Problem = { status: 401, code: 'not_signed_in', message: 'Sign in to do this.' }
export const NOT_ALLOWED: Problem = {
  status: 403,
  code: 'not_allowed',
  message: 'Your role does not allow this. Ask an administrator of your school.',
}
export const NOT_FOR_KEYS: Problem = {
  status: 403,
  code: 'not_for_keys',
  message: 'No access key does this: sign in as yourself.',
}
export const FACTOR_MISSING: Problem = {
  status: 403,
  code: 'second_factor_missing',
  message:
    'Your school asks you for a second factor. Set up an authenticator application or a passkey on your account page first.',
}
export const NO_SUCH_PAGE: Problem = { status: 404, code: 'not_found', message: 'There is nothing at this address.' }
export const SCHOOL_NOT_CHOSEN: Problem = {
  status: 400,
  code: 'school_not_chosen',
  message: 'Name the school in the header X-Gatehouse-School: its tenant, such as hillside-college.',
}

export const CHANGED_MEANWHILE: Problem = {
  status: 409,
  code: 'changed_meanwhile',
  message: 'Somebody changed this since you read it. Read it again, and make your change to what it is now.',
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** Takes the caller's X-Request-ID, or makes one, and always returns it. What is logged from here on has it. */
export function requestId(req: Request, res: Response, next: NextFunction): void {
  const told = req.get('x-request-id')
  const id = told !== undefined && REQUEST_ID.test(told) ? told : randomUUID()
  res.locals.requestId = id
  res.setHeader('X-Request-ID', id)
  inRequest(id, next)
}

/** Where GraphQL is: what is refused before an operation is read is told as it tells its errors. */
export const GRAPHQL_PATH = '/graphql'

export type Extras = { readonly pagination?: Pagination; readonly nextCursor?: string | null }

export function sendData(res: Response, status: number, data: unknown, message: string, extras: Extras = {}): void {
  const body: Envelope<unknown> = {
    success: true,
    data,
    error: null,
    message,
    metadata: { timestamp: new Date().toISOString(), requestId: requestIdOf(res), ...extras },
  }
  res.status(status).json(body)
}

export function sendProblem(req: Request, res: Response, { status, code, message, details = [] }: Problem): void {
  const timestamp = new Date().toISOString()
  const id = requestIdOf(res)
  const path = req.originalUrl.split('?')[0]!
  if (path === GRAPHQL_PATH) {
    const extensions = { code, ...(details.length > 0 && { details }), requestId: id }
    res.status(status).json({ errors: [{ message, extensions }] })
    return
  }
  const body: Envelope<never> = {
    success: false,
    data: null,
    error: { code, message, details: [...details], path, timestamp, requestId: id },
    message,
    metadata: { timestamp, requestId: id },
  }
  res.status(status).json(body)
}

function requestIdOf(res: Response): string {
  return String(res.locals.requestId)
}
