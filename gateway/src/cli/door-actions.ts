/** What an output is told by hand. */
export const ACTIONS = ['on', 'off', 'pulse'] as const
export type Action = (typeof ACTIONS)[number]
