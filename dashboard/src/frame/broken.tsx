import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/notice.tsx'
import { Page } from './page.tsx'

/** A page that failed to come or to be drawn; the frame around it stays. */
export function Broken() {
  return (
    <Page title="This page broke">
      <Empty title="This page broke" act={<Button onClick={() => window.location.reload()}>Load again</Button>}>
        A newer version may have come out while it was open. Nothing at the gates is affected.
      </Empty>
    </Page>
  )
}
