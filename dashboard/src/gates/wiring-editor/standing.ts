import type { GateConfigurationAnswer } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'

export type Standing = {
  readonly tone: 'granted' | 'refused' | 'warning' | 'quiet'
  readonly word: string
  readonly sentence: string
  /** More is to come by itself. */
  readonly isMoving: boolean
}

/** How the newest description stands at the gate, in a word and a sentence. */
export function standingOf(
  { newest, reported }: Pick<GateConfigurationAnswer, 'newest' | 'reported'>,
  { online, enrolled }: Pick<Gate, 'online' | 'enrolled'>,
): Standing {
  const still = (tone: Standing['tone'], word: string, sentence: string): Standing => ({
    tone,
    word,
    sentence,
    isMoving: false,
  })
  if (reported?.source === 'file') {
    const sent = newest === null ? 'Nothing was sent from here' : `Version ${newest.version} is not in force`
    return still(
      'warning',
      'Local file',
      `A file at the gate overrides this page. ${sent}. To follow this page, take the lanes out of the gate’s gate.json and start it again.`,
    )
  }
  if (newest === null) return still('quiet', 'Not described', 'Nothing describes this gate yet. Begin with its boards.')
  const { version } = newest
  if (reported?.version === version) {
    return reported.problem === undefined || reported.refusedVersion !== undefined
      ? still('granted', 'In force', `The gate runs by version ${version}.`)
      : still('warning', 'In force', `The gate runs by version ${version}, but: ${reported.problem}`)
  }
  const runsBy =
    reported?.version === undefined ? 'It has no earlier one to run by.' : `It runs by version ${reported.version}.`
  if (reported?.refusedVersion === version)
    return still('refused', 'Not in force', `Version ${version} is not in force: ${reported.problem}. ${runsBy}`)
  const moving = (word: string, sentence: string): Standing => ({ tone: 'quiet', word, sentence, isMoving: true })
  if (!enrolled) return moving('Sent', `Version ${version} waits until a mini-PC is enrolled as this gate.`)
  if (!online) return moving('Sent', `Version ${version} waits: the gate is offline and takes it when it comes back.`)
  if (reported === null || reported === undefined)
    return still(
      'warning',
      'Sent',
      'The gate does not say what it runs by. Its program is older than this page: renew it.',
    )
  return moving('Sent', `Version ${version} is sent. The gate tries it, for 30 seconds at most. ${runsBy}`)
}
