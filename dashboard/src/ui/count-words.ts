/** "1 pass", "12 passes", "1,200 passes", "no passes". */
export function countWords(count: number, one: string, many: string): string {
  if (count === 0) return `no ${many}`
  return count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`
}
