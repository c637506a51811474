import { createRoot } from 'react-dom/client'
import { browserSession } from './api/browser-session.ts'
import { App } from './app.tsx'
import './styles.css'
import { applyTheme } from './ui/theme.ts'

applyTheme()
const session = browserSession()
createRoot(document.getElementById('root')!).render(<App session={session} />)
