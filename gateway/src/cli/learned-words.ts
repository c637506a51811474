import type { Learned, LearnedSetting } from '@gatehouse/shared/wiegand/learn.ts'

/** What was learnt, for the person who holds the cards: the setting as it goes into the reader's configuration. */
export function learnedWords(learned: Learned): string {
  switch (learned.kind) {
    case 'one':
      return ['One setting fits all cards. Write it into the reader:', ...settingWords(learned.found)].join('\n')
    case 'several':
      return [
        `${learned.found.length} settings fit all cards, the likeliest first:`,
        ...learned.found.flatMap(settingWords),
        'What tells them apart:',
        ...learned.next.map(sentence => `  ${sentence}`),
      ].join('\n')
    case 'none':
      return ['No setting fits all cards.', ...learned.why.map(sentence => `  ${sentence}`)].join('\n')
  }
}

function settingWords({ setting, facility, notes }: LearnedSetting): string[] {
  const written = setting.kind === 'format' ? setting.format : setting.card
  return [
    `  "${setting.kind}": ${JSON.stringify(written)}`,
    ...(facility === null ? [] : [`    facility code ${facility}`]),
    ...notes.map(note => `    ${note}`),
  ]
}
