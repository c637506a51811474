import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import type { FileType } from '@gatehouse/shared/wire/contract.ts'
import { keepPreviousData, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { saveFile } from '../ui/save-file.ts'
import type { Answer, AnyRoute, DataOf, InputOf } from './client.ts'
import { thrown } from './failure.ts'
import { useBrowserSession } from './session-context.ts'

export type Good<R extends AnyRoute> = Extract<Answer<DataOf<R>>, { ok: true }>

export type AskOptions = {
  readonly enabled?: boolean
  readonly refetchMs?: number
  /** Rows of the page before stay while the next are fetched. */
  readonly keep?: boolean
}

/** What a reading route answers, kept and shared between the parts of a page. */
export function useAsk<R extends AnyRoute>(
  route: R,
  input: InputOf<R>,
  { enabled = true, refetchMs, keep = false }: AskOptions = {},
): UseQueryResult<Good<R>> {
  const { client } = useBrowserSession()
  return useQuery<Good<R>>({
    queryKey: queryKey(route, input),
    queryFn: async ({ signal }) => {
      const answer = await client.call(route, input, signal)
      if (!answer.ok) throw thrown(answer.failure)
      return answer as Good<R>
    },
    enabled,
    ...(refetchMs === undefined ? {} : { refetchInterval: refetchMs }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  })
}

export function queryKey<R extends AnyRoute>(route: R, input: InputOf<R>) {
  return [resourceOf(route), route.path, input] as const
}

/** What a writing route does, and every list of the same or a named resource is asked anew after it. */
export function useDo<R extends AnyRoute>(route: R, changes: readonly string[] = []) {
  const { client } = useBrowserSession()
  const queries = useQueryClient()
  return useMutation<DataOf<R>, Error, InputOf<R>>({
    mutationFn: async input => {
      const answer = await client.call(route, input)
      if (!answer.ok) throw thrown(answer.failure)
      return answer.data
    },
    onSuccess: () =>
      Promise.all([resourceOf(route), ...changes].map(resource => queries.invalidateQueries({ queryKey: [resource] }))),
  })
}

/** Fetches a file and hands it to the browser to save. Nothing of it is kept here. */
export function useSave<R extends AnyRoute & { readonly file?: FileType }>(route: R) {
  const { client } = useBrowserSession()
  return useMutation<ApiFile, Error, InputOf<R>>({
    mutationFn: async input => {
      const answer = await client.call(route, input)
      if (!answer.ok) throw thrown(answer.failure)
      const file = answer.data as ApiFile
      saveFile(file.name, new Blob([new Uint8Array(file.bytes)], { type: route.file ?? '' }))
      return file
    },
  })
}

/** `students` of `/students/:studentId`. */
function resourceOf(route: AnyRoute): string {
  return route.path.split('/')[1] ?? ''
}
