import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { Link, NavLink, Outlet } from 'react-router'
import { useMay, useUser } from '../api/session-context.ts'
import { WaitingNotice } from '../lists/waiting-notice.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { useGateHealth } from './gate-health.ts'
import { PaletteContext } from './palette-open.ts'
import { bottomBarOf, type Section, searchesAnything, sectionsOf } from './sections.ts'
import { focusSearch, moveRow, openRow, SHORTCUTS, useShortcuts } from './shortcuts.ts'

const loadPalette = () => import('../search/palette.tsx')
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }))

/** What stays while pages change: sections at the side (at the foot of a phone), search, keys. */
export function Frame() {
  const [searching, setSearching] = useState(false)
  const [helping, setHelping] = useState(false)
  const searches = searchesAnything(useUser().role)
  const keys = useMemo(
    () => ({
      '/': focusSearch,
      j: () => moveRow(1),
      k: () => moveRow(-1),
      o: openRow,
      '?': () => setHelping(true),
    }),
    [],
  )
  useShortcuts(keys)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!searches || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      setSearching(open => !open)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [searches])
  // Whoever presses Ctrl K types on at once: what comes late loses the first letters.
  useEffect(() => void (searches && loadPalette()), [searches])
  const openPalette = useMemo(() => (searches ? () => setSearching(true) : null), [searches])

  return (
    <PaletteContext value={openPalette}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-6 focus:bg-accent focus:px-3 focus:py-2 focus:text-fill"
      >
        Skip to the content
      </a>
      <div className="md:pl-[220px]">
        <SideBar />
        <WaitingNotice />
        <Outlet />
        <BottomBar />
      </div>
      {searching && (
        <Suspense>
          <Palette onClose={() => setSearching(false)} />
        </Suspense>
      )}
      <Dialog open={helping} onClose={() => setHelping(false)} title="Keys">
        <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2">
          {SHORTCUTS.map(({ keys: pressed, does }) => (
            <div key={pressed} className="contents">
              <dt>
                <kbd className="rounded-6 border border-edge bg-sunken px-1.5 py-0.5 font-mono text-12">{pressed}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </PaletteContext>
  )
}

function SideBar() {
  const { role, school } = useUser()
  const sections = sectionsOf(role)
  const settings = sections.filter(({ isSetting }) => isSetting)
  return (
    <nav
      aria-label="Sections"
      data-print-not
      className="fixed inset-y-0 left-0 z-30 hidden w-[220px] flex-col border-line border-r bg-surface md:flex"
    >
      <p className="flex h-12 items-center gap-2 border-line border-b px-4 font-strong">
        <img src="/icon.svg" alt="" width="20" height="20" />
        <bdi className="truncate" title={school?.name}>
          {school?.name ?? 'All schools'}
        </bdi>
      </p>
      <div className="min-h-0 overflow-y-auto">
        <SideList sections={sections.filter(({ isSetting }) => !isSetting)} />
        {settings.length > 0 && (
          <>
            <h2 id="settings-sections" className="px-4.5 pt-2 text-13 text-muted">
              Settings
            </h2>
            <SideList sections={settings} labelledBy="settings-sections" />
          </>
        )}
      </div>
      <Health />
    </nav>
  )
}

function SideList({ sections, labelledBy }: { readonly sections: readonly Section[]; readonly labelledBy?: string }) {
  return (
    <ul aria-labelledby={labelledBy} className="flex flex-col gap-0.5 p-2">
      {sections.map(section => (
        <li key={section.path}>
          <NavLink
            to={section.path}
            className={({ isActive }) =>
              `flex h-9 items-center gap-3 rounded-6 px-2.5 ${
                isActive ? 'bg-accent-on font-medium text-accent' : 'text-text hover:bg-sunken'
              }`
            }
          >
            <Icon name={section.icon} />
            {section.name}
          </NavLink>
        </li>
      ))}
    </ul>
  )
}

/** Gate health as a dot and a count; the figure opens the list behind it. */
function Health() {
  const health = useGateHealth()
  if (!useMay('gate:read') || health === null || health.total === 0) return null
  const { online, total, troubles } = health
  const well = troubles.length === 0
  return (
    <Link
      to="/gates"
      className="mt-auto flex items-center gap-2 border-line border-t px-4 py-3 text-13 text-muted hover:bg-sunken"
    >
      <span aria-hidden="true" className={`size-2.5 ${well ? 'rounded-full bg-granted' : 'bg-refused'}`} />
      {well
        ? `${allGates(online)} online`
        : online < total
          ? `${online} of ${total} gates online`
          : `${troubles.length} ${troubles.length === 1 ? 'fault' : 'faults'} at the gates`}
    </Link>
  )
}

function allGates(count: number): string {
  if (count === 1) return 'The gate is'
  return count === 2 ? 'Both gates' : `All ${count} gates`
}

function BottomBar() {
  const { role } = useUser()
  const [more, setMore] = useState(false)
  const { shown, rest } = bottomBarOf(role)
  return (
    <nav
      aria-label="Sections"
      data-print-not
      className="fixed inset-x-0 bottom-0 z-30 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="flex">
        {shown.map(section => (
          <li key={section.path} className="flex-1">
            <BarLink section={section} />
          </li>
        ))}
        {rest.length > 0 && (
          <li className="flex-1">
            <button type="button" onClick={() => setMore(true)} className={`${barItem} text-muted`}>
              <Icon name="more" />
              More
            </button>
          </li>
        )}
      </ul>
      <Dialog open={more} onClose={() => setMore(false)} title="More">
        <ul className="-mx-2 flex flex-col">
          {rest.map(section => (
            <li key={section.path}>
              <Link
                to={section.path}
                onClick={() => setMore(false)}
                className="flex h-12 items-center gap-3 rounded-6 px-2 hover:bg-sunken"
              >
                <Icon name={section.icon} className="text-muted" />
                {section.name}
              </Link>
            </li>
          ))}
        </ul>
      </Dialog>
    </nav>
  )
}

const barItem = 'flex h-14 w-full flex-col items-center justify-center gap-0.5 text-12'

function BarLink({ section }: { readonly section: Section }) {
  return (
    <NavLink
      to={section.path}
      className={({ isActive }) => `${barItem} ${isActive ? 'font-medium text-accent' : 'text-muted'}`}
    >
      <Icon name={section.icon} />
      {section.name}
    </NavLink>
  )
}
