import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createAI } from '../../src/client/index.ts'
import type { AI } from '../../src/client/index.ts'
import { defineFeatures } from '../../src/core/index.ts'
import { AIProvider, CostHint } from '../../src/react/index.ts'
import { baseline, createModelSelector } from '../../src/server/index.ts'
import { scriptedProvider } from '../../src/testing/index.ts'

// A page with a thousand hints under a text field, for `hints.ts`: all of the text that is typed, or each
// of a text of its own with what is typed at its end.

const hints = 1_000
const features = defineFeatures({ summary: { task: 'summarize', baseline: 'extract', tier: 'max', maxInputTokens: 20_000 } })

declare global {
  interface Window {
    show(how: 'same' | 'own', length: number): Promise<void>
    /** Microseconds of an estimate by itself, of each text anew: the means of batches, because a browser's clock tells no less than 100. */
    estimates(length: number, script: Script): readonly number[]
  }
}

type Script = keyof typeof words

const words = {
  English: 'The lead paragraph says what happened, and the rest says why it matters and to whom. ',
  Arabic: 'تقول الفقرة الأولى ما حدث، ويقول الباقي لماذا يهمّ ذلك ومن يهمّه الأمر. ',
  Chinese: '第一段说明发生了什么，其余部分说明它为什么重要，对谁重要。',
}
const textOf = (length: number, script: Script = 'English') => words[script].repeat(Math.ceil(length / words[script].length)).slice(0, length)

async function client(): Promise<AI> {
  const modelSelector = createModelSelector({ features, providers: [baseline(), scriptedProvider({ script: ['…'] })], identify: () => ({ user: 'bench' }) })
  const ai = createAI({ modelSelector, features })
  await ai.refresh()
  return ai as AI
}

function Page({ ai, how, start }: { readonly ai: AI; readonly how: 'same' | 'own'; readonly start: string }) {
  const [text, setText] = useState(start)
  return (
    <AIProvider ai={ai}>
      <textarea aria-label="Text" value={text} onChange={event => setText(event.target.value)} />
      {Array.from({ length: hints }, (_, row) => <p key={row}>{row} <CostHint feature="summary" tier="eco" input={how === 'same' ? text : `${row} ${text}`} /></p>)}
    </AIProvider>
  )
}

const ai = await client()
let root: ReturnType<typeof createRoot> | undefined

window.show = async (how, length) => {
  root?.unmount()
  document.body.innerHTML = '<main></main>'
  root = createRoot(document.querySelector('main')!)
  root.render(<StrictMode><Page ai={ai} how={how} start={textOf(length)} /></StrictMode>)
  while (!document.querySelector('.sparing-cost-hint')?.textContent) await new Promise(resolve => setTimeout(resolve, 20))
}

const batches = 50
const batchSize = 100

window.estimates = (length, script) => Array.from({ length: batches }, (_, batch) => {
  const texts = Array.from({ length: batchSize }, (_, row) => `${batch * batchSize + row} ${textOf(length, script)}`)
  const start = performance.now()
  for (const input of texts) if (ai.estimate('summary', { input, tier: 'eco' }).status !== 'ready') throw new Error('There is no estimate to measure.')
  return (performance.now() - start) * 1_000 / batchSize
})
