import { useEffect, useState } from 'react'
import { type CodeReader, openCodeReader } from './code-reader.ts'

/** The reader of codes, for as long as the page is open. */
export function useCodeReader(): CodeReader | null {
  const [reader, setReader] = useState<CodeReader | null>(null)
  useEffect(() => {
    const opened = openCodeReader()
    setReader(opened)
    return () => opened[Symbol.dispose]()
  }, [])
  return reader
}
