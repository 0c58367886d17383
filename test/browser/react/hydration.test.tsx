import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import { page } from 'vitest/browser'
import { BudgetMeter, OptIn } from '../../../src/react/index.ts'
import { input, lookUp, stage } from './support/page.tsx'

afterEach(() => vi.restoreAllMocks())

test.each([
  ['an offer', input, /At most \d+%/],
  ['a look-up', lookUp, null],
])('%s hydrates without a warning', async (_, input, figure) => {
  const error = vi.spyOn(console, 'error')
  const app = <><OptIn feature="answer" input={input} baseline={<p>Results.</p>} /><BudgetMeter /></>
  const { wrapped } = await stage()
  const html = renderToString(wrapped(app))
  const host = document.body.appendChild(document.createElement('div'))
  host.innerHTML = html
  expect(html).toContain('AI answer, optional.')
  expect(html).not.toMatch(/\d%/)
  const root = hydrateRoot(host, wrapped(app), { onRecoverableError: error })
  if (figure) await expect.element(page.getByText(figure)).toBeVisible()
  else await expect.element(page.getByRole('region')).not.toBeInTheDocument()
  await expect.element(page.getByText('Results.')).toBeVisible()
  expect(error).not.toHaveBeenCalled()
  root.unmount()
  host.remove()
})
