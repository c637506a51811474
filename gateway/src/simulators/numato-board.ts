import { ascii } from '@gatehouse/shared/bytes.ts'
import type { BoardDevice, FarEnd } from './device.ts'
import { relayContacts } from './relay-contacts.ts'

const CR = '\r'
const COMMAND_CHARS_MAX = 64
const VERSION = '00000008'

/** A Numato module: echoes what is typed, answers, and prompts for the next. A closed contact pulls its pin to ground. */
export function numatoDevice(_config: unknown, { send }: FarEnd): BoardDevice {
  const contacts = relayContacts()
  const closed = new Set<number>()
  let typed = ''
  const answerTo = (command: string): string => {
    if (command === 'ver') return VERSION
    const [, what, verb, number] = /^(relay|gpio) (on|off|read) ([0-9A-V])$/.exec(command) ?? []
    const channel = Number.parseInt(number ?? '', 32) + 1
    if (what === 'gpio' && verb === 'read') return closed.has(channel) ? '0' : '1'
    if (what !== 'relay') return 'error'
    if (verb === 'read') return contacts.isOn(channel) ? 'on' : 'off'
    contacts.set(channel, verb === 'on')
    return ''
  }
  return {
    state: contacts.state,
    onChange: contacts.onChange,
    contact(channel, isClosed) {
      if (isClosed) closed.add(channel)
      else closed.delete(channel)
    },
    receive(bytes) {
      for (const char of String.fromCharCode(...bytes)) {
        if (char !== CR) {
          typed = (typed + char).slice(-COMMAND_CHARS_MAX)
          continue
        }
        const command = typed
        typed = ''
        contacts.heard(ascii(command))
        const answer = answerTo(command)
        send(ascii(`${command}\r\n${answer === '' ? '' : `\r${answer}\n`}\r>`))
      }
    },
  }
}
