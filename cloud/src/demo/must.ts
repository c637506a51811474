/** What has to work while the demo is made; a failure ends it with its word. */
export function must<Value>(
  result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly failure?: string; readonly refused?: { readonly why: string } },
): Value {
  if (!result.ok) throw new Error(`the demo could not be made: ${result.failure ?? result.refused?.why}`)
  return result.value
}
