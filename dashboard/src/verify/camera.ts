/** Why there is no picture. */
export type CameraTrouble = 'insecure' | 'none' | 'denied' | 'busy'

export type Camera =
  | { readonly is: 'opening' }
  | { readonly is: 'on'; readonly stream: MediaStream; readonly hasTorch: boolean }
  | { readonly is: 'off'; readonly trouble: CameraTrouble }

/** What it is and what to do, a sentence each. */
export const CAMERA_WORDS: Record<CameraTrouble, string> = {
  insecure:
    'Browsers give the camera to pages over https only: open this page by its https address, or use a scanner or a picture below.',
  none: 'This device has no camera: use a handheld scanner or a picture below, or open this page on a phone.',
  denied:
    'This page may not use the camera: allow it in the browser’s settings of this page, then press Try the camera again.',
  busy: 'The camera gives no picture: close other programs that use it, then press Try the camera again.',
}

/** What a failed `getUserMedia` means. */
export function troubleOf(problem: unknown): CameraTrouble {
  const { name } = problem as { readonly name?: string }
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy'
}

/** The long code has 57 modules a side: at 720 lines each is several pixels, and more would only be slower. */
const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
}

/** Opens the camera at the back. Never throws. */
export async function openCamera(): Promise<Exclude<Camera, { readonly is: 'opening' }>> {
  if (!window.isSecureContext) return { is: 'off', trouble: 'insecure' }
  if (navigator.mediaDevices === undefined) return { is: 'off', trouble: 'none' }
  try {
    const stream = await navigator.mediaDevices.getUserMedia(WANTED)
    return { is: 'on', stream, hasTorch: hasTorch(stream) }
  } catch (problem) {
    return { is: 'off', trouble: troubleOf(problem) }
  }
}

export function closeCamera(camera: Camera): void {
  if (camera.is !== 'on') return
  for (const track of camera.stream.getTracks()) track.stop()
}

/** The types of browsers do not know a torch. */
type Torch = { readonly torch?: boolean }

function hasTorch(stream: MediaStream): boolean {
  const [track] = stream.getVideoTracks()
  return (track?.getCapabilities?.() as Torch | undefined)?.torch === true
}

export async function lightTorch(stream: MediaStream, torch: boolean): Promise<void> {
  const [track] = stream.getVideoTracks()
  await track?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] })
}
