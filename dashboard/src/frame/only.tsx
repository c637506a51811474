import type { Operation } from '@gatehouse/shared/wire/rights.ts'
import { Outlet } from 'react-router'
import { useMay, useUser } from '../api/session-context.ts'
import { ButtonLink } from '../ui/button-link.tsx'
import { Empty } from '../ui/notice.tsx'
import { Page } from './page.tsx'
import { homeOf } from './sections.ts'

/** The pages of a section, for the roles that have it; the others are told, not shown an error of the service. */
export function Only({ operation }: { readonly operation: Operation }) {
  const { role } = useUser()
  if (useMay(operation)) return <Outlet />
  return (
    <Page title="Not for your role">
      <Empty title="This part is not for your role" act={<ButtonLink to={homeOf(role)}>Go to my pages</ButtonLink>}>
        An administrator of the school can change what your account may see.
      </Empty>
    </Page>
  )
}
