import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import type { AI } from '../../src/index.ts'
import { openaiCompatible } from '../../src/server/index.ts'
import { startUpstream } from '../fixtures/upstream.ts'
import type { Upstream } from '../fixtures/upstream.ts'
import { inChromium } from './support/in-chromium.ts'
import { startSite } from './support/site.ts'
import type { Site } from './support/site.ts'

const adminToken = 'an-admin-token-for-tests'
const features = {
  summary: { task: 'summarize', baseline: 'extract', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 20 },
  draft: { task: 'draft', baseline: 'form', tier: 'eco', maxInputTokens: 500, maxOutputTokens: 20 },
} as const

const script = `
  import { createElement as element } from 'react'
  import { createRoot } from 'react-dom/client'
  import { createAI } from './src/index.ts'
  import { AIProvider, OptIn } from './src/react/index.ts'
  const ai = createAI({ modelSelector: '/api/ai', features: ${JSON.stringify(features)}, budgets: [{ id: 'mine', per: 'day', limit: { runs: 100 } }] })
  const input = 'The council met. It approved a budget. Nobody objected.'
  const control = feature => element('section', { key: feature, 'aria-label': feature }, element(OptIn, { feature, input }))
  window.ai = ai
  const root = document.body.appendChild(document.createElement('main'))
  createRoot(root).render(element(AIProvider, { ai }, ['summary', 'draft'].map(control)))
`

const { closing, newContext } = inChromium()
let upstream: Upstream
let site: Site

async function open(): Promise<Page> {
  upstream = closing(await startUpstream({ deltas: ['One', ' two', ' three.'], paused: true }))
  const provider = openaiCompatible({ id: 'fixture', baseURL: upstream.url, models: { eco: [{ id: 'small', params: { active: 4, total: 4 } }] } })
  site = closing(await startSite({ script, server: { features, providers: [provider], adminToken, owner: 'Acme', budgets: [{ id: 'user', scope: 'user', per: 'day', limit: { runs: 100 } }], onError: () => {} } }))
  const page = await (await newContext()).newPage()
  await page.goto(site.url)
  await expect.poll(() => part(page, 'draft').getByRole('button').count()).toBeGreaterThan(0)
  return page
}
const part = (page: Page, feature: string) => page.getByRole('region', { name: feature })
const offer = (page: Page, feature: string) => part(page, feature).getByRole('button').first()
const turnedOff = (page: Page, feature: string) => part(page, feature).getByText(/Acme has turned/)

async function kill(feature: string): Promise<void> {
  const response = await fetch(`${site.url}/api/ai/v1/policy`, {
    method: 'PUT', headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ revision: 0, author: 'ops', limits: {}, features: {}, off: { everything: false, features: [feature], tiers: [] } }),
  })
  expect(response.status).toBe(200)
}

test('a feature that is killed is "turned off here" in an open page when somebody comes back to it, without a reload', async () => {
  const page = await open()
  await kill('draft')
  expect(await turnedOff(page, 'draft').count()).toBe(0)
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await turnedOff(page, 'draft').waitFor()
  expect(await turnedOff(page, 'summary').count()).toBe(0)
  expect(site.requests.filter(each => each === 'GET /page.js')).toHaveLength(1)
})

test('and with the next answer to anything; a run that goes on ends as it began', async () => {
  const page = await open()
  await offer(page, 'draft').click()
  upstream.release(1)
  await part(page, 'draft').getByText('One').waitFor()
  await kill('draft')
  await offer(page, 'summary').click()
  upstream.release(100)
  await part(page, 'draft').getByText('One two three.').waitFor()
  await part(page, 'summary').getByText('One two three.').waitFor()
  expect(upstream.log.map(({ ended }) => ended)).toEqual(['upstream', 'upstream'])
  // What was written stays; there is only nothing more to be had.
  await expect.poll(() => page.evaluate(() => (window as unknown as { ai: AI }).ai.status('draft').state)).toBe('disabled')
})

test('and by itself while it is visible', async () => {
  const page = await open()
  await kill('draft')
  await expect.poll(() => turnedOff(page, 'draft').count(), { timeout: 30_000 }).toBe(1)
})
