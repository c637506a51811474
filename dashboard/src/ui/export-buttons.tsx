import type { AnyRoute, InputOf } from '../api/client.ts'
import { useSave } from '../api/use-api.ts'
import { Button } from './button.tsx'
import { Menu, MenuItem } from './menu.tsx'
import { useSay } from './said.tsx'

/** The whole list behind what is shown, with its filters, as a file for a spreadsheet. */
export function ExportButtons<R extends AnyRoute>({
  route,
  input,
  disabled = false,
}: {
  readonly route: R
  readonly input: { readonly params?: Record<string, string>; readonly query?: Record<string, string | undefined> }
  readonly disabled?: boolean
}) {
  const save = useSave(route)
  const say = useSay()
  const take = (format: 'csv' | 'xlsx') =>
    save.mutate({ ...input, query: { ...input.query, format } } as unknown as InputOf<R>, {
      onError: problem => say({ text: problem.message }),
    })
  return (
    <Menu
      trigger={
        <Button icon="download" disabled={disabled} busy={save.isPending && 'Exporting …'}>
          Export
        </Button>
      }
    >
      <MenuItem icon="download" onPick={() => take('csv')}>
        As CSV
      </MenuItem>
      <MenuItem icon="download" onPick={() => take('xlsx')}>
        As Excel
      </MenuItem>
    </Menu>
  )
}
