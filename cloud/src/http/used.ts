import type { Problem } from './problem.ts'

/** Why something cannot be taken away, in numbers: `This group is named by 12 passes and 1 access level.` */
export function inUseBy(what: string, uses: readonly (readonly [count: number, one: string, many: string])[]): Problem {
  const named = uses.filter(([count]) => count > 0)
  const words = named.map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
  const all = words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('')
  return {
    status: 409,
    code: 'in_use',
    message: `${what} is named by ${all}. Give those something else first; revoked passes do not count.`,
    details: named.map(([count, , many]) => ({ path: many, message: String(count) })),
  }
}
