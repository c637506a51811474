import type { Account } from './cloud-client.ts'
import type { SimulatorEntry } from './demo-gate.ts'

export type ReadyNeeds = {
  readonly say: (line: string) => void
  readonly url: string
  readonly accounts: readonly Account[]
  readonly simulators: readonly SimulatorEntry[]
  readonly data: string
}

/** What a person needs to know once the campus is up. The first line is for scripts. */
export function showReady({ say, url, accounts, simulators, data }: ReadyNeeds): void {
  const wide = Math.max(...accounts.map(({ email }) => email.length))
  say(`Gatehouse is ready: ${url}`)
  say('')
  say('Sign in as')
  for (const { role, email, password } of accounts) say(`  ${role.padEnd(12)} ${email.padEnd(wide)}  ${password}`)
  say('')
  say('Present a card (on the live page, or in another terminal)')
  for (const { gate, lanes } of simulators) {
    const lane = lanes.length > 1 ? ` --lane ${lanes[0]!.lane}` : ''
    say(`  ./gatehouse present --gate ${gate}${lane} --card 01000734E0`)
  }
  say('')
  say(`Everything is kept in ${data} (PGlite: for trying things out, not for a school; a power cut can lose what was`)
  say('just written). Stop with Ctrl-C; "npm start -- --reset" begins anew.')
}
