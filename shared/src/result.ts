/** What may happen is returned: a value, or a word from a list of failures that the caller must deal with. */
export type Result<Value, Failure extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure }

export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value }
}

export function fail<Failure extends string>(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure }
}
