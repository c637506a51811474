import { Import } from '@gatehouse/shared/wire/api/imports.ts'
import type { BrowserSession } from '../api/browser-session.ts'

/** What browsers call files is unsure; the service looks at the bytes. */
export function typeOf(name: string): string {
  if (/\.zip$/i.test(name)) return 'application/zip'
  return /\.gz$/i.test(name) ? 'application/gzip' : 'text/csv'
}

/** Sends a file as it is and answers the id of its import. Only XMLHttpRequest tells how much has left. */
export async function uploadFile(
  { session }: Pick<BrowserSession, 'session'>,
  file: File,
  onProgress: (part: number) => void,
): Promise<string> {
  const token = await session.token()
  if (token === null) throw new Error('The service does not answer. Check the network and try again.')
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api/v1/imports?name=${encodeURIComponent(file.name.slice(0, 200))}`)
    request.setRequestHeader('authorization', `Bearer ${token}`)
    request.setRequestHeader('content-type', typeOf(file.name))
    request.setRequestHeader('x-gatehouse-client', 'browser')
    const chosen = session.chosen()
    if (chosen !== null) request.setRequestHeader('x-gatehouse-school', chosen.tenant)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total)
    request.onerror = () => reject(new Error('The upload broke off. Check the network and try again.'))
    request.onload = () => {
      const said = readAnswer(request.responseText)
      if ('id' in said) resolve(said.id)
      else reject(new Error(said.problem))
    }
    request.send(file)
  })
}

function readAnswer(text: string): { readonly id: string } | { readonly problem: string } {
  try {
    const envelope = JSON.parse(text) as { data: unknown; message?: string; success: boolean }
    if (!envelope.success) return { problem: envelope.message ?? 'The file was refused.' }
    return { id: Import.shape.id.parse((envelope.data as { id?: unknown }).id) }
  } catch {
    return { problem: 'The service gave an answer this page does not understand. Try again.' }
  }
}
