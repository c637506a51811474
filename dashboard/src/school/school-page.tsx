import { Page } from '../frame/page.tsx'
import { DataKeys } from './data-keys.tsx'
import { Keys } from './keys.tsx'
import { OwnSignOn } from './own-sign-on.tsx'
import { SchoolFacts } from './school-facts.tsx'
import { SecondFactors } from './second-factors.tsx'

/** What the school says of itself, and how its people get in. */
export function SchoolPage() {
  return (
    <Page title="School">
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <SchoolFacts />
          <SecondFactors />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <OwnSignOn />
          <Keys />
          <DataKeys />
        </div>
      </div>
    </Page>
  )
}
