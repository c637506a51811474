import type { GateLine } from '@gatehouse/shared/wire/messages.ts'
import { Badge, type BadgeTone } from '../ui/badge.tsx'
import { type Health, healthOf } from './trouble.ts'

const MARKS: Record<Health, { readonly word: string; readonly tone: BadgeTone }> = {
  'not enrolled': { word: 'Not enrolled', tone: 'quiet' },
  offline: { word: 'Offline', tone: 'refused' },
  fault: { word: 'Fault', tone: 'warning' },
  online: { word: 'Online', tone: 'granted' },
}

export function GateMark({ gate }: { readonly gate: Pick<GateLine, 'name' | 'online' | 'enrolled' | 'lanes'> }) {
  const { word, tone } = MARKS[healthOf(gate)]
  return <Badge tone={tone}>{word}</Badge>
}
