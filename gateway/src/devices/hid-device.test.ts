import { expect, test } from 'vitest'
import { openHidDevice } from './hid-device.ts'

test('a HID device that is not there says what to do', async () => {
  await expect(openHidDevice('/dev/gatehouse-none', new AbortController().signal)).rejects.toThrow(
    '/dev/gatehouse-none could not be opened: plug it in, and let the user read it by a udev rule',
  )
})
