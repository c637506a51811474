import { expect, test } from 'vitest'
import { fold, searchWords } from './fold.ts'

for (const [name, folded] of [
  ['Zoë Ångström', 'zoe angstrom'],
  ['Łukasz ŻÓŁĆ', 'lukasz zolc'],
  ['Søren', 'soren'],
  ['Weiß', 'weiss'],
  ['Nguyễn Thị Bình', 'nguyen thi binh'],
  ['İpek Yıldız', 'ipek yildiz'],
  ['مريم', 'مريم'],
  ['Коваленко', 'коваленко'],
  ['ﬁ', 'fi'],
] as const) {
  test(`${name} is found as ${folded}`, () => expect(fold(name)).toBe(folded))
}

test('what LIKE reads as a pattern is taken as it was typed', () => {
  expect(searchWords('100% a_b c\\d')).toEqual(['100\\%', 'a\\_b', 'c\\\\d'])
})

test('nothing but spaces is no word', () => expect(searchWords('  \t ')).toEqual([]))
