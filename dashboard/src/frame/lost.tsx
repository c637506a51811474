import { isRouteErrorResponse, useRouteError } from 'react-router'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Empty } from '../ui/notice.tsx'
import { Page } from './page.tsx'

/** An address without a page, or a page that broke. */
export function Lost() {
  const error = useRouteError()
  if (error === undefined || (isRouteErrorResponse(error) && error.status === 404)) {
    return (
      <Page title="No such page">
        <Empty title="There is no page at this address" act={<ButtonLink to="/">Go to the start</ButtonLink>}>
          Check the address, or search with Ctrl K.
        </Empty>
      </Page>
    )
  }
  return (
    <main className="flex min-h-dvh items-center justify-center p-6">
      <Empty title="This page broke" act={<Button onClick={() => window.location.reload()}>Load again</Button>}>
        A newer version may have come out while it was open. Nothing at the gates is affected.
      </Empty>
    </main>
  )
}
