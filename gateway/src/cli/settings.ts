import { cannot } from './usage.ts'

type Settings = { [name: string]: unknown }

/** `--set mode=binary --set crc=true --set card.base=hex`: what a family has besides its port, as its configuration would have it. */
export function settingsOf(given: readonly string[]): Settings {
  const settings: Settings = Object.create(null)
  for (const one of given) {
    const [, path, text] = /^([A-Za-z][A-Za-z0-9.]*)=(.*)$/s.exec(one) ?? []
    if (path === undefined || text === undefined)
      throw cannot(`--set takes name=value, such as --set crc=true, not ${one}`)
    put(settings, path.split('.'), meantBy(text))
  }
  return settings
}

/** For `option()` of commander: one more each time. */
export function another(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function put(settings: Settings, [name, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) settings[name!] = value
  else {
    const inner = (settings[name!] ?? Object.create(null)) as Settings
    settings[name!] = inner
    put(inner, rest, value)
  }
}

/** Numbers, `true`, `false` and JSON are what they look like; all else is text. */
function meantBy(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
