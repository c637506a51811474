import type { Outcome } from '../ui/shape.tsx'

/** Two tones that differ in pitch and in number, so that either is known by itself: one high, two low. */
const TONES: Partial<Record<Outcome, readonly { readonly hz: number; readonly startS: number }[]>> = {
  granted: [{ hz: 880, startS: 0 }],
  refused: [
    { hz: 220, startS: 0 },
    { hz: 196, startS: 0.18 },
  ],
}
const TONE_S = 0.14

let audio: AudioContext | null = null

/** Must be called from a press: browsers give sound to people who asked. */
export function allowSound(): void {
  audio ??= new AudioContext()
  void audio.resume()
}

export function sound(outcome: Outcome): void {
  if (audio === null) return
  for (const { hz, startS } of TONES[outcome] ?? []) {
    const at = audio.currentTime + startS
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = hz
    volume.gain.setValueAtTime(0.15, at)
    volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + TONE_S)
  }
}
