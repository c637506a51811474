import { afterEach, expect, test, vi } from 'vitest'
import { type CameraTrouble, closeCamera, openCamera } from './camera.ts'

afterEach(() => vi.unstubAllGlobals())

/** A browser that answers a page which asks for its camera. */
function browser({ secure = true, answer }: { secure?: boolean; answer?: () => unknown }) {
  vi.stubGlobal('isSecureContext', secure)
  const mediaDevices = answer && { getUserMedia: async () => answer() }
  vi.stubGlobal('navigator', { mediaDevices })
}

const refuses = (name: string) => () => {
  throw new DOMException('', name)
}

test.each<[string, Parameters<typeof browser>[0], CameraTrouble]>([
  ['a page over http', { secure: false, answer: () => null }, 'insecure'],
  ['a browser without cameras', {}, 'none'],
  ['a device without one', { answer: refuses('NotFoundError') }, 'none'],
  ['somebody who said no', { answer: refuses('NotAllowedError') }, 'denied'],
  ['another program that has it', { answer: refuses('NotReadableError') }, 'busy'],
])('%s is told with what to do', async (_what, asked, trouble) => {
  browser(asked)
  expect(await openCamera()).toEqual({ is: 'off', trouble })
})

test('a camera says whether it has a light, and is let go', async () => {
  const stop = vi.fn()
  const track = { getCapabilities: () => ({ torch: true }), stop }
  browser({ answer: () => ({ getVideoTracks: () => [track], getTracks: () => [track] }) })
  const camera = await openCamera()
  expect(camera).toMatchObject({ is: 'on', hasTorch: true })
  closeCamera(camera)
  expect(stop).toHaveBeenCalledOnce()
})
