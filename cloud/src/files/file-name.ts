const NAME_CHARACTERS_MAX = 200

/**
 * What the uploader called the file, fit to be shown and to be a name again: of a path the last part, no control characters, none that
 * turn the direction of writing, no sign that a file system minds.
 */
export function cleanName(told: string | undefined): string {
  const last = (told ?? '').normalize('NFC').toWellFormed().split(/[/\\]/).at(-1)!
  const clean = last
    // As browsers spell a quotation mark and the ends of lines in a part's name (HTML, multipart/form-data encoding algorithm).
    .replaceAll('%22', '_')
    .replace(/%0[AD]/gi, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\ufffd]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/^\.+/, '')
  const [stem, ending] = parts(clean)
  const characters = [...stem].slice(0, NAME_CHARACTERS_MAX - ending.length).join('')
  return characters + ending || 'file'
}

/** The ending stays when a name is cut. */
function parts(name: string): [stem: string, ending: string] {
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? ''
  return [name.slice(0, name.length - ending.length), ending]
}

/** `Content-Disposition` with a name of any writing (RFC 6266, RFC 8187): an ASCII one for old clients, and the real one. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
