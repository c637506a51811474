import { type ComponentProps, type ReactNode, type SelectHTMLAttributes, useId } from 'react'

type Wrapped = {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with it, as a sentence. */
  readonly problem?: string | undefined
}

export function Field({ label, hint, problem, ...rest }: ComponentProps<'input'> & Wrapped) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <input
        {...rest}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy(id, hint, problem)}
        className={`control w-full ${problem ? 'border-refused' : ''} ${rest.className ?? ''}`}
      />
    </Frame>
  )
}

export function LongField({ label, hint, problem, ...rest }: ComponentProps<'textarea'> & Wrapped) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <textarea
        rows={3}
        dir="auto"
        {...rest}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy(id, hint, problem)}
        className={`control h-auto w-full py-2 ${problem ? 'border-refused' : ''}`}
      />
    </Frame>
  )
}

export function Choice({ label, hint, problem, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement> & Wrapped) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <select
        {...rest}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy(id, hint, problem)}
        className="control w-full"
      >
        {children}
      </select>
    </Frame>
  )
}

export function Tick({ label, ...rest }: ComponentProps<'input'> & { readonly label: ReactNode }) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2 pointer-coarse:min-h-11">
      <input type="checkbox" {...rest} className="size-4 shrink-0 accent-accent" />
      <span className="min-w-0">{label}</span>
    </label>
  )
}

function Frame({
  id,
  label,
  hint,
  problem,
  children,
}: Wrapped & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="break-words text-13 font-medium">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-13 text-muted">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="text-13 text-refused">
          {problem}
        </p>
      )}
    </div>
  )
}

function describedBy(id: string, hint: ReactNode, problem: string | undefined): string | undefined {
  return [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined
}
