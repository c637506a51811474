import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { RouterProvider } from 'react-router/dom'
import { failureOf } from './api/failure.ts'
import { routes } from './routes.tsx'
import { SaidProvider } from './ui/said.tsx'

/** What is behind the sign-in. Everything that was read belongs to one person: another one begins with nothing. */
export function House() {
  const [queries] = useState(newQueries)
  const [router] = useState(routes)
  useEffect(() => () => router.dispose(), [router])

  return (
    <QueryClientProvider client={queries}>
      <SaidProvider>
        <RouterProvider router={router} />
      </SaidProvider>
    </QueryClientProvider>
  )
}

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // An answer that says no says no again; only silence is worth a second try.
        retry: (tries, error) => tries < 2 && failureOf(error).kind === 'unreachable',
      },
    },
  })
}
