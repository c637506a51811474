import { Link } from 'react-router'
import { useBrowserSession, useMay, useUser } from '../api/session-context.ts'
import { IconButton } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Menu, MenuHead, MenuItem } from '../ui/menu.tsx'
import { chooseTheme, THEMES, useTheme } from '../ui/theme.ts'
import { useZone } from '../ui/use-zone.ts'
import { useGateHealth } from './gate-health.ts'
import { usePalette } from './palette-open.ts'

/** The right of every header: the zone of all times, search, alarms, me. */
export function HeaderTools() {
  const { timeZone } = useZone()
  const openPalette = usePalette()

  return (
    <>
      <p className="hidden text-13 text-muted whitespace-nowrap lg:block">Times in {timeZone.replaceAll('_', ' ')}</p>
      {openPalette && <Search onOpen={openPalette} />}
      <Alarms />
      <Me />
    </>
  )
}

function Search({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <>
      <button
        type="button"
        onClick={onOpen}
        className="control hidden w-52 items-center gap-2 text-muted hover:bg-sunken md:flex"
      >
        <Icon name="search" className="-ml-1" />
        Search
        <kbd className="ml-auto font-sans text-12">Ctrl K</kbd>
      </button>
      <span className="md:hidden">
        <IconButton name="Search" icon="search" onClick={onOpen} />
      </span>
    </>
  )
}

function Alarms() {
  const health = useGateHealth()
  if (!useMay('gate:read')) return null
  const count = health?.troubles.length ?? 0
  const words = count === 0 ? 'No alarms' : count === 1 ? '1 alarm' : `${count} alarms`
  return (
    <Link
      to="/gates"
      aria-label={words}
      title={words}
      className={`relative inline-flex h-8 min-w-8 items-center justify-center gap-1 rounded-6 hover:bg-sunken pointer-coarse:h-11 pointer-coarse:min-w-11 ${
        count === 0 ? '' : 'px-1.5 font-medium text-refused'
      }`}
    >
      <Icon name="alarm" />
      {count > 0 && count}
    </Link>
  )
}

function Me() {
  const { session, signOut } = useBrowserSession()
  const user = useUser()
  const theme = useTheme()
  const { timeZone } = useZone()
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
  return (
    <Menu trigger={<IconButton name={`Me: ${user.displayName}`} icon="account" />}>
      <MenuHead>
        <bdi className="block truncate font-medium text-text">{user.displayName}</bdi>
        <span className="block truncate">{user.email}</span>
        {session.chosen() !== null && <bdi className="block truncate">{user.school?.name}</bdi>}
        <span className="block lg:hidden">Times in {timeZone.replaceAll('_', ' ')}</span>
      </MenuHead>
      {session.chosen() !== null && (
        <MenuItem icon="school" onPick={() => session.choose(null)}>
          Another school
        </MenuItem>
      )}
      <MenuItem icon="theme" onPick={() => chooseTheme(nextTheme)}>
        Theme: {theme}
      </MenuItem>
      <MenuItem icon="out" onPick={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}
