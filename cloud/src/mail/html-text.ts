/** A text as HTML shows it, in an element or in an attribute in quotes. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
