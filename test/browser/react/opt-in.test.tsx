import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { AIEvent, AIOptions } from '../../../src/client/index.ts'
import { OptIn } from '../../../src/react/index.ts'
import type { Outcome } from '../../../src/react/index.ts'
import { calm, features, input, lookUp, pause, pausing, stage } from './support/page.tsx'

const trigger = () => page.getByRole('button', { name: 'Answer with AI', exact: true })
const stop = () => page.getByRole('button', { name: 'Stop', exact: true })
const control = <OptIn feature="answer" input={input} baseline={<p>Results.</p>} />
/** In the control; the status region says it again. */
const shown = (text: string | RegExp) => page.getByRole('region').getByText(text)
const shownQuestion = async () => {
  await expect.element(shown(/Answer with AI\? .*[Aa]t most \d+%/)).toBeVisible()
}
const status = () => page.getByRole('status')

test('a press runs once, in StrictMode too, and leaves a receipt', async () => {
  const { ai, provider, show } = await stage()
  const events: AIEvent[] = []
  ai.on(event => events.push(event))
  await show(control)
  await expect.element(page.getByText(/At most \d+% of today's allowance\./)).toBeVisible()
  expect(provider.calls).toHaveLength(0)
  await trigger().click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  await expect.element(page.getByText(/Used less than 1% of today's allowance; we said at most \d+%/)).toBeVisible()
  await expect.element(page.getByText('Results.')).toBeVisible()
  expect(provider.calls).toHaveLength(1)
  expect(events.map(({ name }) => name)).toEqual(['run-start', 'run-end'])
})

test('it works by keyboard alone, and says what happens', async () => {
  const { script, proceed } = pausing()
  const { show } = await stage({ script })
  await show(control)
  await expect.element(page.getByText(/At most/)).toBeVisible()
  await userEvent.keyboard('{Tab}{Enter}')
  await expect.element(stop()).toHaveFocus()
  await expect.element(status()).toHaveTextContent('AI answer: writing. You can keep reading.')
  await expect.element(page.getByText('First,')).toBeVisible()
  proceed()
  // The button that was focused is gone.
  await expect.element(page.getByRole('heading', { name: 'AI answer' })).toHaveFocus()
  await expect.element(status()).toHaveTextContent('AI answer: finished.')
  await userEvent.keyboard('{Shift>}{Tab}{/Shift}')
  await expect.element(page.getByRole('link', { name: 'Skip AI answer' })).toHaveFocus()
})

test('asking and stopping is one element, whose name never holds the cost', async () => {
  const { show } = await stage({ script: pausing().script })
  await show(control)
  await expect.element(trigger()).toHaveAccessibleDescription(/At most \d+% of today's allowance\./)
  const element = trigger().element()
  await trigger().click()
  await expect.element(stop()).toBeVisible()
  expect(stop().element()).toBe(element)
  await calm()
  await stop().click()
  const again = page.getByRole('button', { name: 'Try again', exact: true })
  await expect.element(again).toHaveAccessibleDescription(/at most \d+%/)
  expect(again.element()).toBe(element)
})

test('presses within 600 ms of a change do nothing', async () => {
  const { provider, show } = await stage({ script: pausing().script })
  await show(control)
  await expect.element(page.getByText(/At most/)).toBeVisible()
  await trigger().dblClick()
  await expect.element(stop()).toBeVisible()
  await pause(300)
  await expect.element(stop()).toBeVisible()
  expect(provider.calls).toHaveLength(1)
  await calm()
  await stop().click()
  await expect.element(page.getByText('It did not finish.')).toBeVisible()
  await expect.element(status()).toHaveTextContent('It did not finish. Counted: less than 1%. Results are unaffected.')
})

test('a costly press is confirmed, and can be answered with less', async () => {
  const { provider, show } = await stage()
  await show(<OptIn feature="answer" input={input} defaultTier="max" defaultEffort="high" />)
  await trigger().click()
  await expect.element(shown(/Think longer\? About \d+ times a Light answer, at most \d+% of today's allowance, about \d+ seconds\./)).toBeVisible()
  expect(provider.calls).toHaveLength(0)
  await calm()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect.element(page.getByText('AI answer, optional.')).toBeVisible()
  await expect.element(trigger()).toHaveFocus()
  await calm()
  await trigger().click()
  await calm()
  await page.getByRole('button', { name: 'Light answer', exact: true }).click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  expect(provider.calls.map(({ model, effort }) => [model, effort])).toEqual([['gpt-4o-mini', 'none']])
})

test('a press before the figure came waits, and then asks', async () => {
  const { ai, show } = await stage()
  const estimate = vi.spyOn(ai, 'estimate').mockReturnValue({ status: 'loading' })
  const { rerender } = await show(control)
  await expect.element(trigger()).toBeVisible()
  await trigger().click()
  estimate.mockRestore()
  await rerender(<OptIn feature="answer" input={input} demote={false} defaultTier="eco" />)
  // Whatever changes, the client is asked again.
  ai.setEnabled(false)
  ai.setEnabled(true)
  await expect.element(shown(/Answer with AI\? At most \d+%/)).toBeVisible()
})

test('while hovered the figure stands still, and the one at the press binds', async () => {
  const { provider, show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.002 } }] } })
  const { rerender } = await show(control)
  const figure = page.getByText(/At most \d+% of today's allowance\./)
  await expect.element(figure).toBeVisible()
  const before = figure.element().textContent
  await trigger().hover()
  const longer = { ...input, text: input.text.repeat(60) }
  await rerender(<OptIn feature="answer" input={longer} />)
  await pause(100)
  expect(figure.element().textContent).toBe(before)
  await trigger().click()
  await expect.element(shown(/Now at most \d+% instead of \d+%: the text is longer\. Nothing was spent\./)).toBeVisible()
  expect(provider.calls).toHaveLength(0)
  await calm()
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  expect(provider.calls).toHaveLength(1)
})

test('a decline is remembered, may be undone here, and is not asked again', async () => {
  const { ai, show } = await stage()
  const { rerender } = await show(control)
  await page.getByRole('button', { name: 'Hide' }).click()
  await expect.element(page.getByRole('region').getByText('AI answers are hidden.')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Undo' })).toHaveFocus()
  expect(ai.status('answer').state).toBe('declined')
  await calm()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.element(trigger()).toBeVisible()
  expect(ai.status('answer').state).toBe('off')
  await calm()
  await page.getByRole('button', { name: 'Hide' }).click()
  await rerender(<OptIn feature="answer" input={{ ...input, query: 'Why does the clean-up run twice?' }} />)
  await expect.element(page.getByRole('region')).not.toBeInTheDocument()
})

test('a look-up is offered nothing in the page; the tools menu still works', async () => {
  const { provider, show } = await stage()
  await show(
    <OptIn.Root feature="answer" input={lookUp}>
      <nav><OptIn.Trigger persistent render={props => <button {...props} data-tools="" />} /></nav>
      <OptIn.Panel><OptIn.Output>{run => <p>{run.text}</p>}</OptIn.Output></OptIn.Panel>
    </OptIn.Root>,
  )
  await expect.element(trigger()).toHaveAttribute('data-tools')
  await expect.element(trigger()).toHaveAttribute('data-state', 'absent')
  await expect.element(page.getByRole('region')).not.toBeInTheDocument()
  await trigger().click()
  // At the lowest level a look-up is answered with quotes.
  await expect.element(page.getByRole('heading', { name: 'Quotes from your documents' })).toBeVisible()
  expect(provider.calls).toHaveLength(0)
})

test('a standing opt-in runs once when visible, and can be held back or stopped', async () => {
  const { script, proceed } = pausing()
  const { ai, provider, show } = await stage({ script })
  ai.optIn('answer', { scope: 'always', origin: 'settings' })
  const auto = <OptIn feature="answer" input={input} autoRun="visible" />
  const { rerender } = await show(auto)
  await expect.element(page.getByText('First,')).toBeVisible()
  await expect.element(stop()).toBeVisible()
  await calm()
  await page.getByRole('button', { name: 'Show when finished' }).click()
  await expect.element(page.getByText('First,')).not.toBeInTheDocument()
  proceed()
  await expect.element(page.getByText('First, then the rest.')).toBeVisible()
  await rerender(auto)
  await pause(200)
  expect(provider.calls).toHaveLength(1)
  await calm()
  await page.getByRole('button', { name: 'Stop doing this here' }).click()
  expect(ai.status('answer').state).toBe('off')
})

test('"always" says what each time costs at most, and covers what it agreed to', async () => {
  const { ai, show } = await stage()
  const outcomes = vi.fn<(outcome: Outcome) => void>()
  await show(<OptIn feature="answer" input={input} onOutcome={outcomes} />)
  await trigger().click()
  const always = page.getByRole('button', { name: 'Always do this here', exact: true })
  await expect.element(always).toHaveAccessibleDescription(/at most \d+% each time/)
  await page.getByRole('button', { name: 'Yes' }).click()
  await calm()
  await always.click()
  await expect.element(page.getByRole('button', { name: 'Stop doing this here' })).toHaveFocus()
  expect(ai.status('answer', { input: { text: 'x'.repeat(7_900), query: 'y?' } })).toMatchObject({ state: 'on', optIn: { scope: 'always', origin: 'control' } })
  expect(outcomes.mock.calls.map(([outcome]) => outcome)).toMatchObject([{ outcome: 'rated', enough: true }, { outcome: 'kept' }])
})

test('a used-up allowance shows what the host offers about it, once it was asked', async () => {
  const act = vi.fn<() => void>()
  const onExhausted = vi.fn<NonNullable<AIOptions['onExhausted']>>(() => ({ label: 'Ask for more', act }))
  const { show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 1e-9 } }], onExhausted } })
  await show(control)
  await page.getByRole('button', { name: 'Ask for more' }).click()
  expect(act).toHaveBeenCalledOnce()
  const [exhausted] = onExhausted.mock.calls[0]!
  expect(exhausted).toMatchObject({ feature: 'answer', budgets: [{ id: 'mine', unit: 'usd', limit: 1e-9 }] })
  expect(exhausted.resetsAt).toBeGreaterThan(Date.now())
})

test('more detail is the next level that is set up, at its own price', async () => {
  const { provider, show } = await stage()
  await show(control)
  await trigger().click()
  const more = page.getByRole('button', { name: 'More detail', exact: true })
  await expect.element(more).toHaveAccessibleDescription(/at most \d+%/)
  await calm()
  await more.click()
  await expect.poll(() => provider.calls.map(({ model }) => model)).toEqual(['gpt-4o-mini', 'gemini-2.5-flash'])
})

test('a used-up allowance still has quotes, in the same button', async () => {
  const { provider, show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.000_001 } }] } })
  await show(control)
  await page.getByRole('button', { name: 'Show quotes' }).click()
  await expect.element(page.getByRole('heading', { name: 'Quotes from your documents' })).toBeVisible()
  await expect.element(page.getByText(/Nothing was taken from your allowance/)).toBeVisible()
  expect(provider.calls).toHaveLength(0)
})

test('a run is stopped when its control leaves the page', async () => {
  const { provider, show } = await stage({ script: pausing().script })
  const { rerender } = await show(control)
  await trigger().click()
  await expect.element(page.getByText('First,')).toBeVisible()
  await rerender(<p>Elsewhere.</p>)
  await expect.poll(() => provider.calls[0]!.signal.aborted).toBe(true)
})

test('text is painted at most four times a second', async () => {
  const { show } = await stage({
    async *script() {
      for (let word = 0; word < 60; word++) {
        yield `word${word} `
        await pause(20)
      }
    },
  })
  await show(<OptIn feature="answer" input={input}>{run => <p data-testid="text">{run.text}</p>}</OptIn>)
  await trigger().click()
  await expect.element(page.getByTestId('text')).toBeVisible()
  let paints = 0
  const start = performance.now()
  const observer = new MutationObserver(() => paints++)
  observer.observe(page.getByTestId('text').element(), { characterData: true, childList: true, subtree: true })
  await expect.poll(() => page.getByTestId('text').element().textContent, { timeout: 10_000 }).toContain('word59')
  observer.disconnect()
  const seconds = (performance.now() - start) / 1_000
  expect(paints).toBeGreaterThan(1)
  expect(paints).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1)
})

test('changing the level runs nothing, and changes the figure', async () => {
  const { provider, show } = await stage()
  await show(control)
  const figure = page.getByText(/At most \d+% of today's allowance\./)
  await expect.element(figure).toBeVisible()
  const before = figure.element().textContent
  await page.getByRole('button', { name: 'Details' }).click()
  await page.getByRole('combobox', { name: 'Level' }).selectOptions('Large')
  await expect.poll(() => figure.element().textContent).not.toBe(before)
  await pause(100)
  expect(provider.calls).toHaveLength(0)
})

test('an answer stays while more is asked for, and after the question is left', async () => {
  const { show } = await stage({ provider: { askAt: 0.03 } })
  await show(control)
  await trigger().click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  await calm()
  await page.getByRole('button', { name: 'More detail', exact: true }).click()
  await shownQuestion()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  await calm()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect.element(page.getByRole('heading', { name: 'AI answer' })).toBeVisible()
})

test('figures that were held are let go when the control leaves the page under the pointer', async () => {
  const { show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.002 } }] } })
  const { rerender } = await show(control)
  const figure = page.getByText(/At most \d+% of today's allowance\./)
  await trigger().hover()
  const before = figure.element().textContent
  await rerender(<OptIn feature="answer" input={lookUp} />)
  await expect.element(page.getByRole('region')).not.toBeInTheDocument()
  await rerender(<OptIn feature="answer" input={{ ...input, text: input.text.repeat(40) }} />)
  await expect.poll(() => figure.element().textContent).not.toBe(before)
})

test('what a person marked as an aid names no cost at each use, once it was chosen', async () => {
  const { ai, show } = await stage({ client: { features: { answer: { ...features.answer, purpose: 'access' } } } })
  await show(control)
  await expect.element(page.getByText(/At most \d+%/)).toBeVisible()
  ai.optIn('answer', { scope: 'always', origin: 'settings' })
  await expect.element(page.getByText(/At most \d+%/)).not.toBeInTheDocument()
  await trigger().click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  await expect.element(page.getByText(/we said/)).not.toBeInTheDocument()
  await expect.element(page.getByRole('button', { name: 'Receipt' })).toBeVisible()
})
