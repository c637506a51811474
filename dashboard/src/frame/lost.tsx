import { ButtonLink } from '../ui/button-link.tsx'
import { Empty } from '../ui/notice.tsx'
import { Page } from './page.tsx'

/** An address without a page. */
export function Lost() {
  return (
    <Page title="No such page">
      <Empty title="There is no page at this address" act={<ButtonLink to="/">Go to the start</ButtonLink>}>
        Check the address, or search with Ctrl K.
      </Empty>
    </Page>
  )
}
