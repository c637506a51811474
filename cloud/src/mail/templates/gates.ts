import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Template } from './template.ts'

/** Times in ISO 8601. */
type Gate = { readonly gate: string; readonly link: string }

export const gateOffline: Template<Gate & { readonly since: string }> = {
  en: ({ gate, since, link }, { when }) => ({
    subject: `${gate} is offline`,
    blocks: [
      `${gate} is not connected since ${when(since)}. It goes on deciding by the list it has, and tells what happened later.`,
      { link, words: 'See the gates' },
    ],
  }),
  nl: ({ gate, since, link }, { when }) => ({
    subject: `${gate} heeft geen verbinding`,
    blocks: [
      `${gate} heeft geen verbinding sinds ${when(since)}. De poort beslist verder met de lijst die er is, en vertelt later wat er gebeurde.`,
      { link, words: 'Bekijk de poorten' },
    ],
  }),
}

/** The alarms that people are told of, by the kind of an event or by what an event of the kind `alarm` says. What is not here is said as it is. */
export const ALARMS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  forced: {
    en: 'A door was opened by force',
    nl: 'Een deur is geforceerd',
  },
  held: {
    en: 'A door is held open',
    nl: 'Een deur blijft open',
  },
  tamper: {
    en: 'Somebody tampers with a reader or board',
    nl: 'Er wordt met een lezer of kaart geknoeid',
  },
  fire_alarm: {
    en: 'The fire alarm has released the doors',
    nl: 'Het brandalarm heeft de deuren vrijgegeven',
  },
  fire_input_lost: {
    en: 'The fire alarm’s contact is not heard any more',
    nl: 'Het contact van het brandalarm wordt niet meer gehoord',
  },
  door: {
    en: 'A door did not open though it should',
    nl: 'Een deur ging niet open terwijl dat moest',
  },
  door_fault: {
    en: 'A door says that it is broken',
    nl: 'Een deur meldt dat hij stuk is',
  },
  journal_full: {
    en: 'The disk is full, and events are not recorded',
    nl: 'De schijf is vol, gebeurtenissen worden niet vastgelegd',
  },
  list_damaged: {
    en: 'The list of passes was damaged and is fetched anew',
    nl: 'De lijst met passen was beschadigd en wordt opnieuw opgehaald',
  },
  equivocation: {
    en: 'A signed list contradicts another: somebody may hold the school’s keys',
    nl: 'Een ondertekende lijst spreekt een andere tegen: mogelijk heeft iemand de sleutels van de school',
  },
}

export const gateAlarm: Template<Gate & { readonly alarm: string; readonly at: string }> = {
  en: ({ gate, alarm, at, link }, { when }) => ({
    subject: `Alarm at ${gate}`,
    blocks: [`${ALARMS[alarm]?.en ?? alarm}: ${gate}, ${when(at)}.`, { link, words: 'See the gate' }],
  }),
  nl: ({ gate, alarm, at, link }, { when }) => ({
    subject: `Alarm bij ${gate}`,
    blocks: [`${ALARMS[alarm]?.nl ?? alarm}: ${gate}, ${when(at)}.`, { link, words: 'Bekijk de poort' }],
  }),
}

export const listStale: Template<Gate & { readonly since: string }> = {
  en: ({ gate, since, link }, { when }) => ({
    subject: `${gate} has an old list`,
    blocks: [
      `The list of passes at ${gate} is from ${when(since)}. Passes that were revoked since may still open it.`,
      { link, words: 'See the gate' },
    ],
  }),
  nl: ({ gate, since, link }, { when }) => ({
    subject: `${gate} heeft een oude lijst`,
    blocks: [
      `De lijst met passen van ${gate} is van ${when(since)}. Passen die daarna zijn ingetrokken kunnen er nog werken.`,
      { link, words: 'Bekijk de poort' },
    ],
  }),
}
