import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { page } from 'vitest/browser'
import { BudgetMeter, OptIn } from '../../../src/react/index.ts'
import { input, lookUp, stage } from './support/page.tsx'

afterEach(() => vi.restoreAllMocks())

test.each([
  ['an offer', input, 'off'],
  ['a look-up', lookUp, 'absent'],
])('%s hydrates without a warning, though the client knows everything already', async (_, input, state) => {
  const error = vi.spyOn(console, 'error')
  const app = <><OptIn feature="answer" input={input} baseline={<p>Results.</p>} /><BudgetMeter /></>
  const { wrapped } = await stage()
  const html = renderToString(wrapped(app))
  expect(html).toContain('AI answer, optional.')
  expect(html).not.toMatch(/\d%/)
  const host = document.body.appendChild(document.createElement('div'))
  host.innerHTML = html
  const root = hydrateRoot(host, wrapped(app), { onRecoverableError: error })
  await expect.element(page.getByRole('meter')).toBeVisible()
  expect(host.querySelector('.sparing-baseline')!.getAttribute('data-state')).toBe(state)
  expect(error).not.toHaveBeenCalled()
  root.unmount()
  host.remove()
})
