import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { createAI, defineFeatures } from '../../../src/index.ts'
import { AIProvider, BudgetMeter, OptIn } from '../../../src/react/index.ts'

const features = defineFeatures({ answer: { task: 'answer', baseline: 'search', tier: 'eco' } })
const modelSelector = { fetch: vi.fn<() => Promise<Response>>(async () => new Response()) }

afterEach(() => vi.restoreAllMocks())

test('the server renders "off": the baseline, and an offer without figures', () => {
  const warn = vi.spyOn(console, 'error')
  const ai = createAI({ modelSelector, features })
  const html = renderToString(
    <AIProvider ai={ai}>
      <OptIn feature="answer" input={{ text: 'A text.', query: 'Why is it so?' }} baseline={<p>Results.</p>}>{run => <p>{run.text}</p>}</OptIn>
      <BudgetMeter />
    </AIProvider>,
  )
  expect(html).toContain('AI answer, optional.')
  expect(html).toContain('Answer with AI')
  expect(html).toContain('<p>Results.</p>')
  expect(html).toContain('role="status"')
  expect(html).not.toMatch(/\d%|\$|Wh|second/)
  expect(modelSelector.fetch).not.toHaveBeenCalled()
  expect(warn).not.toHaveBeenCalled()
})

test('a person who switched AI off is not known to the server, and a look-up neither', () => {
  const ai = createAI({ modelSelector, features })
  ai.setEnabled(false)
  const html = renderToString(createElement(AIProvider, { ai }, createElement(OptIn, { feature: 'answer', input: 'license of react' })))
  expect(html).toContain('data-state="off"')
})

test('a component without a provider says what to do', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(() => renderToString(<OptIn feature="answer" input="" />)).toThrow('Wrap the page in <AIProvider')
})
