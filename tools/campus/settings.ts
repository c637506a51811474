import { resolve } from 'node:path'
import { z } from 'zod'

/** What `npm start` can be told, and by which name. Ports are on this machine only. */
export type Settings = { readonly data: string; readonly httpPort: number; readonly mqttPort: number }

const port = (fallback: number) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be 1 to 65535')
    .max(65535, 'must be 1 to 65535')
    .default(fallback)

const Environment = z.object({
  GATEHOUSE_DATA: z.string().min(1).default('.gatehouse'),
  GATEHOUSE_HTTP_PORT: port(8080),
  GATEHOUSE_MQTT_PORT: port(8883),
})

/** Reads the settings; every mistake is named. */
export function readSettings(
  environment: NodeJS.ProcessEnv,
  root: string,
): Settings | { readonly mistakes: readonly string[] } {
  const named = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const read = Environment.safeParse(named)
  if (!read.success) return { mistakes: read.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`) }
  const { GATEHOUSE_DATA, GATEHOUSE_HTTP_PORT: httpPort, GATEHOUSE_MQTT_PORT: mqttPort } = read.data
  if (httpPort === mqttPort) return { mistakes: ['GATEHOUSE_HTTP_PORT and GATEHOUSE_MQTT_PORT must differ'] }
  return { data: resolve(root, GATEHOUSE_DATA), httpPort, mqttPort }
}
