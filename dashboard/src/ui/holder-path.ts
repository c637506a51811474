type Holder = { readonly studentId: string | null; readonly visitorId?: string | null | undefined }

/** The page of whose pass it is; null: it is nobody's that has one. */
export function holderPath(holder: Holder | null | undefined): string | null {
  if (holder?.studentId) return `/students/${holder.studentId}`
  return holder?.visitorId ? `/visitors?open=${holder.visitorId}` : null
}
