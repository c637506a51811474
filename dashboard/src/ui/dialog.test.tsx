import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { Dialog } from './dialog.tsx'

afterEach(cleanup)

function Page() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Revoke
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Revoke the pass">
        <input aria-label="Reason" />
      </Dialog>
    </>
  )
}

async function openDialog() {
  render(<Page />)
  const button = screen.getByRole('button', { name: 'Revoke' })
  button.focus()
  await act(async () => fireEvent.click(button))
  return button
}

test('Esc closes a dialog and gives the focus back to what opened it', async () => {
  const button = await openDialog()
  expect(screen.getByRole('dialog', { name: 'Revoke the pass' }).contains(document.activeElement)).toBe(true)
  fireEvent.keyDown(document.activeElement!, { key: 'Escape' })
  await waitFor(() => expect(document.activeElement).toBe(button))
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('a dialog puts no style sheet into the page: the policy would refuse it', async () => {
  const before = document.querySelectorAll('style').length
  await openDialog()
  expect(document.querySelectorAll('style').length).toBe(before)
})
