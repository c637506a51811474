import './api/no-eval.ts'

import { createRoot } from 'react-dom/client'
import { browserSession } from './api/browser-session.ts'
import { App } from './app.tsx'
import { reloadForNewerVersion } from './newer-version.ts'
import './styles.css'
import { applyTheme } from './ui/theme.ts'

applyTheme()
reloadForNewerVersion()
const session = browserSession()
createRoot(document.getElementById('root')!).render(<App session={session} />)
