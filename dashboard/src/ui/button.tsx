import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'primary' | 'plain' | 'danger' | 'quiet'

export const BUTTON_TONES: Record<Tone, string> = {
  primary: 'bg-accent border-transparent text-fill font-medium hover:brightness-95',
  plain: 'bg-surface hover:bg-sunken',
  danger: 'bg-refused border-transparent text-fill font-medium hover:brightness-95',
  quiet: 'border-transparent bg-transparent hover:bg-sunken',
}

export const BUTTON_SHAPE =
  'control inline-flex items-center justify-center gap-1.5 whitespace-nowrap transition-colors'

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly tone?: Tone
  readonly icon?: IconName
  /** What is going on while it waits; the button says it and cannot be pressed again. */
  readonly busy?: string | false
}

export function Button({ tone = 'plain', icon, busy = false, className = '', children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy !== false}
      className={`${BUTTON_SHAPE} ${BUTTON_TONES[tone]} disabled:opacity-60 ${className}`}
    >
      {icon && <Icon name={icon} className="-ml-1" />}
      {busy === false ? children : busy}
    </button>
  )
}

/** A picture with a name that screen readers say and the pointer shows. */
export function IconButton({
  name,
  icon,
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly name: string; readonly icon: IconName }) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      {...rest}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-6 hover:bg-sunken pointer-coarse:size-11 ${className}`}
    >
      <Icon name={icon} />
    </button>
  )
}

/** One of several that narrow a list: pressed or not, in words. */
export function Chip({
  on,
  onPress,
  children,
}: {
  readonly on: boolean
  readonly onPress: () => void
  readonly children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onPress}
      className={`inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-3 text-13 whitespace-nowrap pointer-coarse:h-9 ${
        on ? 'border-accent bg-accent-on font-medium text-accent' : 'border-edge bg-surface hover:bg-sunken'
      }`}
    >
      {children}
    </button>
  )
}

/** Chips that answer one question, named for those who do not see where they stand. */
export function Chips({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <fieldset
      aria-label={name}
      className="flex min-w-0 gap-2 max-md:-mx-4 max-md:overflow-x-auto max-md:px-4 max-md:py-0.5 md:flex-wrap"
    >
      {children}
    </fieldset>
  )
}
