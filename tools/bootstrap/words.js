/** A request makes a megabyte of short-lived objects: with room for them fewer are copied before they are gone. V8's own figure is 16. */
export const SERVICE_FLAGS = ['--max-semi-space-size=32']

/**
 * The words of `./gatehouse`, and the room that owns each. Arguments are read by the room, except the words' own
 * list, which is shown here so that it needs nothing installed.
 *
 * @type {Record<string, { entry: string, about: string, hidden?: boolean, flags?: string[] }>}
 */
export const WORDS = {
  start: {
    entry: 'tools/campus/main.ts',
    about: 'bring up a whole campus on this machine: cloud, two gates, simulated hardware',
  },
  present: { entry: 'gateway/src/cli/main.ts', about: 'hold a card or a QR code to a simulated reader' },
  gateway: { entry: 'gateway/src/cli/main.ts', about: 'run, enrol or check a gate: gateway run --config FILE' },
  list: { entry: 'gateway/src/cli/main.ts', about: 'make a signed list for a gate without a cloud' },
  pass: {
    entry: 'gateway/src/cli/main.ts',
    about: 'tell what a pass code says and what a gate says of it: pass inspect, pass check',
  },
  cloud: { entry: 'cloud/src/cli/main.ts', about: 'run the service: cloud run', flags: SERVICE_FLAGS },
  keys: { entry: 'cloud/src/cli/main.ts', about: 'root keys, trust bundle, rotation, revocation: keys show' },
  dev: { entry: 'tools/campus/dev.ts', about: 'start, with the dashboard reloading as you edit it' },
  test: { entry: 'tools/checks/test.ts', about: 'run every test this machine has the programs for' },
  check: { entry: 'tools/checks/check.ts', about: 'types, lint and format' },
  tenancy: {
    entry: 'tools/tenancy.ts',
    about: 'prove on PostgreSQL that no school reaches another: every operation, every role, every id',
  },
  fuzz: { entry: 'tools/fuzz/main.ts', about: 'feed mutated frames to everything that reads a wire' },
  bench: { entry: 'tools/bench/main.ts', about: 'measure, ours and the floor side by side', flags: SERVICE_FLAGS },
}

export function help() {
  const rows = Object.entries(WORDS).map(([word, { about }]) => `  ${word.padEnd(9)} ${about}`)
  return `Gatehouse runs the entrances of a campus.

Usage: ./gatehouse <word> [options]

${rows.join('\n')}

Examples:
  ./gatehouse start                                      a demo campus on http://localhost:8080
  ./gatehouse present --gate north --lane in --card 01000734E0
  ./gatehouse gateway enrol --cloud https://gates.school.example --code K7QF-2M9X-TR4B
  ./gatehouse gateway run --config gate.json

Each word tells more with --help.
`
}
