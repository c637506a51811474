import type { ReactNode } from 'react'

/** One set, 20 px, drawn with one pen; always with a word beside it or an accessible name on what holds it. */
const PATHS = {
  live: <path d="M3 10h3l2.5-6 3.5 12 2.5-6H17" />,
  students: (
    <>
      <circle cx="10" cy="6.5" r="3" />
      <path d="M4 17c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5" />
    </>
  ),
  visitors: (
    <>
      <circle cx="8.5" cy="6.5" r="3" />
      <path d="M2.5 17c0-3.3 2.7-5.5 6-5.5 1.3 0 2.5.3 3.5.9M15.5 11.5v5.5M12.7 14.2h5.6" />
    </>
  ),
  people: (
    <>
      <circle cx="7" cy="7" r="2.6" />
      <path d="M2 16c0-2.8 2.2-4.7 5-4.7s5 1.9 5 4.7M13 4.6a2.6 2.6 0 0 1 0 4.8M14.5 11.8c2 .6 3.5 2.2 3.5 4.2" />
    </>
  ),
  school: <path d="M3 17V9l7-5 7 5v8M3 17h14M8 17v-4h4v4M10 8.5h.01" />,
  passes: (
    <>
      <rect x="2.5" y="4.5" width="15" height="11" rx="1.5" />
      <path d="M5.5 12h4M5.5 9h2.5M12.5 8.5h2v3h-2z" />
    </>
  ),
  gates: <path d="M4 17V3.5M16 17V3.5M4 6h12M8 6v11M12 6v11M2.5 17h15" />,
  events: <path d="M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01" />,
  account: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <circle cx="10" cy="8" r="2.3" />
      <path d="M5.2 15.6c.9-2 2.7-3 4.8-3s3.9 1 4.8 3" />
    </>
  ),
  search: (
    <>
      <circle cx="9" cy="9" r="5.5" />
      <path d="m13 13 4 4" />
    </>
  ),
  alarm: <path d="M10 3a5 5 0 0 0-5 5v3l-1.5 3h13L15 11V8a5 5 0 0 0-5-5M8.3 16.5a1.8 1.8 0 0 0 3.4 0" />,
  more: <path d="M4 10h.01M10 10h.01M16 10h.01" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  plus: <path d="M10 4v12M4 10h12" />,
  check: <path d="m4 10.5 4 4 8-9" />,
  pause: <path d="M7 4.5v11M13 4.5v11" />,
  play: <path d="M6.5 4.5v11l9-5.5z" />,
  sound: <path d="M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15 5a7 7 0 0 1 0 10" />,
  mute: <path d="M3 8v4h3l4 3.5v-11L6 8zM13 8l4 4M17 8l-4 4" />,
  left: <path d="m12 4-6 6 6 6" />,
  right: <path d="m8 4 6 6-6 6" />,
  up: <path d="M10 16V4M5 9l5-5 5 5" />,
  copy: (
    <>
      <rect x="7" y="7" width="9.5" height="9.5" rx="1.5" />
      <path d="M13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2" />
    </>
  ),
  inbox: <path d="M3 11.5 5 4h10l2 7.5V16H3zM3 11.5h4l1 2h4l1-2h4" />,
  mail: <path d="M3 5h14v10H3zM3 5.5l7 5.5 7-5.5" />,
  jobs: <path d="M10 3.5a6.5 6.5 0 1 0 6.5 6.5M10 6.5V10l2.5 2M13.5 2.5v4h4" />,
  print: <path d="M6 7V3h8v4M6 14H3.5V8.5A1.5 1.5 0 0 1 5 7h10a1.5 1.5 0 0 1 1.5 1.5V14H14M6 12h8v5H6z" />,
  download: <path d="M10 3v9M6 8.5l4 4 4-4M4 16.5h12" />,
  out: <path d="M12 4H5v12h7M9 10h8M14 7l3 3-3 3" />,
  theme: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
    </>
  ),
  reader: <path d="M5 3.5h10v13H5zM8 13.5h4M7.5 8.5a3.5 3.5 0 0 1 5 0M9 10.3a1.5 1.5 0 0 1 2 0" />,
  door: <path d="M5 17V3h10v14M3 17h14M12 10h.01" />,
  decide: <path d="M10 3 3.5 10l6.5 7 6.5-7zM7.5 10l2 2 3.2-3.7" />,
  screen: <path d="M3.5 7.5v-4h4M16.5 7.5v-4h-4M3.5 12.5v4h4M16.5 12.5v4h-4" />,
  scan: <path d="M3.5 7V3.5H7M16.5 7V3.5H13M3.5 13v3.5H7M16.5 13v3.5H13M5 10h10" />,
  torch: <path d="M11 2.5 5.5 11H10l-1 6.5L14.5 9H10z" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 6v4l2.5 2" />
    </>
  ),
  calendar: <path d="M4 5h12v11.5H4zM4 8.5h12M7 3v3.5M13 3v3.5" />,
  key: (
    <>
      <circle cx="7" cy="13" r="3.5" />
      <path d="m9.5 10.5 6-6M13 7l2 2" />
    </>
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof PATHS

export function Icon({ name, className = '' }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {PATHS[name]}
    </svg>
  )
}
