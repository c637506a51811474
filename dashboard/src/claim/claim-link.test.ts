import { expect, test } from 'vitest'
import { readClaimLink } from './claim-link.ts'

for (const [hash, asks] of [
  ['#7K3M9QXA22BD.n', { number: true, birth: false }],
  ['#7K3M9QXA22BD.nb', { number: true, birth: true }],
  ['#Zm9vYmFyYmF6cXV4cXV1eC0tLS0t_-ab.', { number: false, birth: false }],
] as const) {
  test(`${hash} brings its code and what is asked for`, () =>
    expect(readClaimLink(hash)).toEqual({ code: hash.slice(1).split('.')[0], asks }))
}

for (const hash of ['', '#', '#short.n', '#7K3M9QXA22BD', '#7K3M9QXA22BD.x', '#<img>.n']) {
  test(`"${hash}" is no link`, () => expect(readClaimLink(hash)).toBe(null))
}
