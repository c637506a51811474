import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

/**
 * Not modal: radix would lock the scroll with a style sheet put in by script, which our policy refuses. Without a
 * portal it stays inside the header, where screen readers look for it.
 */
export function Menu({ trigger, children }: { readonly trigger: ReactNode; readonly children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Content
        align="end"
        sideOffset={6}
        className="panel z-50 max-w-[calc(100vw-16px)] min-w-52 p-1 shadow-float"
      >
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  )
}

export function MenuItem({
  icon,
  onPick,
  children,
}: {
  readonly icon: IconName
  readonly onPick: () => void
  readonly children: ReactNode
}) {
  return (
    <DropdownMenu.Item
      onSelect={onPick}
      className="flex h-8 items-center gap-2 rounded-6 px-2 outline-none data-highlighted:bg-sunken pointer-coarse:h-11"
    >
      <Icon name={icon} className="text-muted" />
      {children}
    </DropdownMenu.Item>
  )
}

export function MenuHead({ children }: { readonly children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 py-1.5 text-13 text-muted">{children}</DropdownMenu.Label>
}
