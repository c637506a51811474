import { z } from 'zod'
import type { ListPass } from './rows.ts'

/** 16 hexadecimal characters, lower case. */
export const PassId = z.string().regex(/^[0-9a-f]{16}$/)

/** 64 hexadecimal characters, lower case. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const ROW_STATUSES = ['active', 'suspended', 'revoked', 'lost'] as const

/** A pass as every list has it: random ids and what opens when. No names. */
export type PassRow = Omit<ListPass, 'flags'>
