import type { ReactNode } from 'react'
import { Link, type LinkProps } from 'react-router'
import { BUTTON_SHAPE, BUTTON_TONES, type Tone } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

/** A link that looks like a button. Apart from the buttons, so that the sign-in page comes without the router. */
export function ButtonLink({
  tone = 'plain',
  icon,
  className = '',
  children,
  ...rest
}: LinkProps & { readonly tone?: Tone; readonly icon?: IconName; readonly children: ReactNode }) {
  return (
    <Link {...rest} className={`${BUTTON_SHAPE} ${BUTTON_TONES[tone]} ${className}`}>
      {icon && <Icon name={icon} className="-ml-1" />}
      {children}
    </Link>
  )
}
