import { type KeyboardEvent, type Ref, useState } from 'react'
import { Field } from '../ui/field.tsx'

/** A password that can be shown, and that tells when Caps Lock is on. */
export function PasswordField({
  label = 'Password',
  name = 'password',
  kind = 'current',
  hint,
  problem,
  ref,
}: {
  readonly label?: string
  readonly name?: string
  /** For the browser's own keeper of passwords. */
  readonly kind?: 'current' | 'new'
  readonly hint?: string
  readonly problem?: string | undefined
  readonly ref?: Ref<HTMLInputElement>
}) {
  const [shown, setShown] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const watch = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))
  const what = label === 'Password' ? 'the password' : `the ${label.toLowerCase()}`
  return (
    <div className="flex flex-col gap-1">
      <div className="relative">
        <Field
          label={label}
          name={name}
          type={shown ? 'text' : 'password'}
          autoComplete={`${kind}-password`}
          required
          maxLength={256}
          {...(ref && { ref })}
          onKeyDown={watch}
          onKeyUp={watch}
          hint={hint}
          problem={problem}
          className="pr-16"
        />
        <button
          type="button"
          onClick={() => setShown(!shown)}
          aria-label={shown ? `Hide ${what}` : `Show ${what}`}
          className="absolute top-[23px] right-1 h-6 rounded-6 px-2 text-13 text-accent hover:bg-sunken pointer-coarse:h-9"
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
      <p role="status" className="text-13 text-warning">
        {capsLock && 'Caps Lock is on.'}
      </p>
    </div>
  )
}
