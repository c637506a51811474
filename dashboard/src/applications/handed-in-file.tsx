import type { ApplicationInFull } from '@gatehouse/shared/wire/api/applications.ts'
import { type FileVariant, linkFile } from '@gatehouse/shared/wire/api/files.ts'
import { useEffect, useState } from 'react'
import { useDo } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/notice.tsx'

type HandedIn = ApplicationInFull['files'][number]

const STATE_WORDS: Record<NonNullable<HandedIn['refusal']> | 'waiting', string> = {
  waiting: 'Being looked at',
  unreadable: 'Cannot be read',
  encrypted: 'Asks for a password',
  infected: 'Carries a virus',
}

/** What an applicant handed in: a document is a download, a photo is shown. A link to either lasts five minutes. */
export function HandedInFile({ file, isPhoto }: { readonly file: HandedIn; readonly isPhoto: boolean }) {
  const { fileId, name, state, refusal, expiresOn } = file
  return (
    <div className="flex flex-col items-start gap-2">
      {state !== 'ready' ? (
        <p>
          <bdi>{name}</bdi> <Badge tone="warning">{STATE_WORDS[refusal ?? 'waiting']}</Badge>
        </p>
      ) : isPhoto ? (
        <Photo fileId={fileId} name={name} />
      ) : (
        <Document fileId={fileId} name={name} />
      )}
      {expiresOn && <p className="text-13 text-muted">Valid until {expiresOn}</p>}
    </div>
  )
}

function Document({ fileId, name }: { readonly fileId: string; readonly name: string }) {
  const link = useDo(linkFile)
  return (
    <>
      <Button
        icon="download"
        className="max-w-full"
        busy={link.isPending && 'Fetching …'}
        onClick={() =>
          link.mutate(linkOf(fileId, 'original'), { onSuccess: ({ path }) => window.location.assign(path) })
        }
      >
        <bdi className="truncate">{name}</bdi>
      </Button>
      <Problem error={link.error} />
    </>
  )
}

function Photo({ fileId, name }: { readonly fileId: string; readonly name: string }) {
  const { mutate, data, error } = useDo(linkFile)
  const [gone, setGone] = useState(false)
  useEffect(() => mutate(linkOf(fileId, 'photo')), [fileId, mutate])
  if (error) return <Problem error={error} />
  if (gone) return <Problem error="The photo cannot be shown. Load the page again." />
  if (data === undefined) return <div className="size-40 rounded-6 bg-sunken" />
  return (
    <img
      src={data.path}
      alt={`Handed in: ${name}`}
      className="max-h-60 max-w-full rounded-6 bg-sunken"
      onError={() => setGone(true)}
    />
  )
}

const linkOf = (fileId: string, variant: FileVariant) => ({ params: { fileId }, body: { variant } })
