/** The records of a CSV text (RFC 4180), each with the number of its first line. Quoted fields may hold commas and line ends. */
export function csvRecords(text: string): { readonly line: number; readonly fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = []
  let fields: string[] = []
  let field = ''
  let quoted = false
  let line = 1
  let first = 1
  const endField = () => {
    fields.push(field.trim())
    field = ''
  }
  const endRecord = () => {
    endField()
    if (fields.some(field => field !== '')) records.push({ line: first, fields })
    fields = []
    first = line
  }
  // A byte order mark is what spreadsheets put in front.
  const source = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!
    if (character === '\n') line++
    if (quoted && character === '"' && source[at + 1] === '"') {
      field += '"'
      at++
    } else if (character === '"' && (quoted || field.trim() === '')) {
      quoted = !quoted
    } else if (character === ',' && !quoted) endField()
    else if (character === '\n' && !quoted) endRecord()
    else field += character
  }
  endRecord()
  return records
}
