import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { cannot } from './usage.ts'

/** A JSON file of a known shape; every mistake at once, each with its place. */
export function readJson<Type extends z.ZodType>(path: string, type: Type): z.infer<Type> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw cannot(
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}): check the path and its permissions`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw cannot(`${path} is no JSON: ${(error as Error).message}`)
  }
  const read = type.safeParse(value)
  if (read.success) return read.data
  throw cannot(`${path} has mistakes:\n${z.prettifyError(read.error)}`)
}
