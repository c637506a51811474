import { useCallback, useEffect, useState } from 'react'
import { type Camera, closeCamera, openCamera } from './camera.ts'

/** The camera while the page is looked at: hidden or left, it is let go and its light goes out. */
export function useCamera(): { readonly camera: Camera; readonly tryAgain: () => void } {
  const [camera, setCamera] = useState<Camera>({ is: 'opening' })
  const [tries, setTries] = useState(0)
  const tryAgain = useCallback(() => setTries(count => count + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is why.
  useEffect(() => {
    let wanted: symbol | null = null
    let held: Camera = { is: 'opening' }

    async function open() {
      const mine = Symbol('one opening')
      wanted = mine
      const opened = await openCamera()
      if (wanted !== mine) return closeCamera(opened)
      held = opened
      setCamera(opened)
    }
    function close() {
      wanted = null
      closeCamera(held)
      held = { is: 'opening' }
      setCamera(held)
    }
    const look = () => void (document.visibilityState === 'hidden' ? close() : open())

    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      close()
    }
  }, [tries])
  return { camera, tryAgain }
}
