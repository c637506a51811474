/** A person's name on one line; not everybody has a last one. */
export function nameOf({ first_name, last_name }: { readonly first_name: string; readonly last_name: string }): string {
  return last_name === '' ? first_name : `${first_name} ${last_name}`
}
