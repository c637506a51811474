import type { z } from 'zod'
import type { Mistake } from './mistakes.ts'

/** What is wrong with one setting, as it stands beside its field; undefined: in the schema's own words. */
export function plainly(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined || issue.input === '') return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' || issue.expected === 'number' ? 'must be a whole number' : undefined
    case 'too_small':
      if (issue.origin === 'array') return `needs at least ${issue.minimum === 1 ? 'one' : issue.minimum}`
      return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`
    case 'too_big':
      if (issue.origin === 'array') return `has room for ${issue.maximum}`
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
    case 'invalid_value':
    case 'invalid_union':
      return 'is none of the choices'
    default:
      return undefined
  }
}

/** Of one of several shapes: what is wrong within the shape that was meant, which is the one that went deepest. */
export function innermost(issue: z.core.$ZodIssue, path: Mistake['path'] = []): Mistake[] {
  const at = [...path, ...(issue.path as Mistake['path'])]
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(branch => branch.length > 0 && branch.every(goesDeeper))
    if (meant !== undefined) return meant.flatMap(inner => innermost(inner, at))
  }
  return [{ path: at, message: issue.message }]
}

function goesDeeper(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return true
  return issue.code === 'invalid_union' && issue.errors.some(branch => branch.length > 0 && branch.every(goesDeeper))
}
