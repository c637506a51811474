import { createBrowserRouter, Navigate, type RouteObject } from 'react-router'
import { useUser } from './api/session-context.ts'
import { Broken } from './frame/broken.tsx'
import { Frame } from './frame/frame.tsx'
import { Lost } from './frame/lost.tsx'
import { Only } from './frame/only.tsx'
import { homeOf } from './frame/sections.ts'

/** Every page is a file of its own, fetched when it is first opened. */
export function routes() {
  return createBrowserRouter([
    {
      Component: Frame,
      ErrorBoundary: Broken,
      HydrateFallback: Nothing,
      children: [{ ErrorBoundary: Broken, children: pages }],
    },
  ])
}

const pages: RouteObject[] = [
  { index: true, Component: Home },
  {
    path: 'live',
    element: <Only operation="feed:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./live/live-page.tsx')).LivePage }) }],
  },
  {
    path: 'verify',
    element: <Only operation="pass:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./verify/verify-page.tsx')).VerifyPage }) },
    ],
  },
  {
    path: 'students',
    element: <Only operation="student:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./students/students-page.tsx')).StudentsPage }),
      },
      {
        path: ':studentId',
        lazy: async () => ({ Component: (await import('./students/student-page.tsx')).StudentPage }),
      },
      {
        path: 'duplicates',
        element: <Only operation="student:update" />,
        children: [
          {
            index: true,
            lazy: async () => ({ Component: (await import('./duplicates/duplicates-page.tsx')).DuplicatesPage }),
          },
        ],
      },
      {
        path: ':studentId/merge/:otherId',
        element: <Only operation="student:archive" />,
        children: [
          { index: true, lazy: async () => ({ Component: (await import('./duplicates/merge-page.tsx')).MergePage }) },
        ],
      },
    ],
  },
  {
    path: 'passes',
    element: <Only operation="pass:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./passes/passes-page.tsx')).PassesPage }) },
    ],
  },
  {
    path: 'visitors',
    element: <Only operation="visitor:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./visitors/visitors-page.tsx')).VisitorsPage }) },
    ],
  },
  {
    path: 'gates',
    element: <Only operation="gate:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./gates/gates-page.tsx')).GatesPage }) },
      { path: ':gateId', lazy: async () => ({ Component: (await import('./gates/gate-page.tsx')).GatePage }) },
      {
        path: ':gateId/wiring',
        lazy: async () => ({ Component: (await import('./gates/wiring-editor/wiring-page.tsx')).WiringPage }),
      },
    ],
  },
  {
    path: 'lists',
    element: <Only operation="list:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./lists/lists-page.tsx')).ListsPage }) }],
  },
  {
    path: 'settings/gate-rules',
    element: <Only operation="settings:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./gate-rules/gate-rules-page.tsx')).GateRulesPage }),
      },
    ],
  },
  {
    path: 'settings/application-form',
    element: <Only operation="settings:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({
          Component: (await import('./application-form/application-form-page.tsx')).ApplicationFormPage,
        }),
      },
    ],
  },
  {
    path: 'imports',
    element: <Only operation="import:run" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./imports/imports-page.tsx')).ImportsPage }) },
      { path: ':importId', lazy: async () => ({ Component: (await import('./imports/import-page.tsx')).ImportPage }) },
    ],
  },
  {
    path: 'settings/groups',
    element: <Only operation="settings:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./groups/groups-page.tsx')).GroupsPage }) },
    ],
  },
  {
    path: 'settings/hours',
    element: <Only operation="settings:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./hours/hours-page.tsx')).HoursPage }) }],
  },
  {
    path: 'settings/access-levels',
    element: <Only operation="settings:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./access-levels/access-levels-page.tsx')).AccessLevelsPage }),
      },
    ],
  },
  {
    path: 'settings/terms',
    element: <Only operation="settings:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./terms/terms-page.tsx')).TermsPage }) }],
  },
  {
    path: 'events',
    element: <Only operation="event:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./events/events-page.tsx')).EventsPage }) },
    ],
  },
  {
    path: 'invitations',
    element: <Only operation="user:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./invitations/invitations-page.tsx')).InvitationsPage }),
      },
    ],
  },
  {
    path: 'users',
    element: <Only operation="user:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./users/users-page.tsx')).UsersPage }) }],
  },
  {
    path: 'settings/departments',
    element: <Only operation="settings:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./departments/departments-page.tsx')).DepartmentsPage }),
      },
    ],
  },
  {
    path: 'settings/school',
    element: <Only operation="settings:update" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./school/school-page.tsx')).SchoolPage }) },
    ],
  },
  {
    path: 'jobs',
    element: <Only operation="job:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./jobs/jobs-page.tsx')).JobsPage }) }],
  },
  {
    path: 'outbox',
    element: <Only operation="outbox:read" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./outbox/outbox-page.tsx')).OutboxPage }) },
    ],
  },
  {
    path: 'my',
    element: <Only operation="my:read" />,
    children: [{ index: true, lazy: async () => ({ Component: (await import('./my/my-page.tsx')).MyPage }) }],
  },
  {
    path: 'deliveries',
    element: <Only operation="delivery:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./deliveries/deliveries-page.tsx')).DeliveriesPage }),
      },
    ],
  },
  { path: 'inbox', lazy: async () => ({ Component: (await import('./inbox/inbox-page.tsx')).InboxPage }) },
  {
    path: 'apply',
    element: <Only operation="my:apply" />,
    children: [
      { index: true, lazy: async () => ({ Component: (await import('./applications/apply-page.tsx')).ApplyPage }) },
      {
        path: ':applicationId',
        lazy: async () => ({ Component: (await import('./applications/apply-page.tsx')).MyApplicationPage }),
      },
    ],
  },
  {
    path: 'applications',
    element: <Only operation="application:read" />,
    children: [
      {
        index: true,
        lazy: async () => ({ Component: (await import('./applications/applications-page.tsx')).ApplicationsPage }),
      },
      {
        path: ':applicationId',
        lazy: async () => ({ Component: (await import('./applications/application-page.tsx')).ApplicationPage }),
      },
    ],
  },
  {
    path: 'account',
    lazy: async () => ({ Component: (await import('./account/account-page.tsx')).AccountPage }),
  },
  { path: '*', Component: Lost },
]

function Home() {
  const { role, mustSetUpFactor = false } = useUser()
  return <Navigate to={mustSetUpFactor ? '/account' : homeOf(role)} replace />
}

function Nothing() {
  return null
}
