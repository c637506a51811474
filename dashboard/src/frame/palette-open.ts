import { createContext, useContext } from 'react'

/** Opens the search over everything; given by the frame. Null where there is nothing to search. */
export const PaletteContext = createContext<(() => void) | null>(null)

export function usePalette(): (() => void) | null {
  return useContext(PaletteContext)
}
