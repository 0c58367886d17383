import { createAI } from 'sparing'
import { AIProvider } from 'sparing/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { features } from '../shared/features.ts'
import { App } from './app.tsx'
import { keepReceipts } from './receipts.ts'
import './styles.css'
import 'sparing/react/styles.css'

const ai = createAI({
  modelSelector: '/api/ai', features,
  // This device's own, beside the server's: it is what other tabs see at once.
  budgets: [{ id: 'device', per: 'day', limit: { usd: 0.10, wh: 10, runs: 200 } }],
})
keepReceipts(ai)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <AIProvider ai={ai} showUnconfigured>
      <App />
    </AIProvider>
  </StrictMode>,
)
