import { describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { AI, AIEvent, AIOptions, NoEstimate } from '../../../src/client/index.ts'
import type { Estimate } from '../../../src/core/index.ts'
import { OptIn, useOptIn } from '../../../src/react/index.ts'
import type { Outcome } from '../../../src/react/index.ts'
import { baseline } from '../../../src/server/index.ts'
import { scriptedProvider } from '../../../src/testing/index.ts'
import { calm, features, input, lookUp, pause, pausing, stage, unanswered } from './support/page.tsx'

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

function ready(estimate: Estimate | NoEstimate): Estimate {
  if (estimate.status !== 'ready') throw new Error('There is no estimate yet.')
  return estimate
}

/** Estimates as they would be if every price were another. */
function priceTimes(ai: AI, factor: number) {
  const estimate = ai.estimate.bind(ai)
  return vi.spyOn(ai, 'estimate').mockImplementation((feature, options) => {
    const now = estimate(feature, options)
    return now.status === 'ready' ? { ...now, ceiling: { ...now.ceiling, usd: now.ceiling.usd! * factor } } : now
  })
}

/** Has every figure worked out anew, as a newer catalog does. */
const stir = (ai: AI) => (ai.catalog as unknown as { setState(change: object): void }).setState({})

test('while hovered the figure stands still, and the one at the press binds', async () => {
  const { ai, provider, show } = await stage()
  await show(control)
  const figure = page.getByText(/At most \d+% of today's allowance\./)
  await expect.element(figure).toBeVisible()
  const before = figure.element().textContent
  await trigger().hover()
  const dearer = priceTimes(ai, 5)
  stir(ai)
  await pause(100)
  expect(figure.element().textContent).toBe(before)
  await userEvent.unhover(trigger())
  await expect.poll(() => figure.element().textContent).not.toBe(before)
  await trigger().hover()
  dearer.mockRestore()
  stir(ai)
  const run = vi.spyOn(ai, 'run')
  await trigger().click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  const given = run.mock.calls[0]![1].estimate!
  expect(given.ceiling.usd! / ready(ai.estimate('answer', { input })).ceiling.usd!).toBeCloseTo(5)
  expect(provider.calls).toHaveLength(1)
})

test('a figure is never held for another input than its own', async () => {
  const { show } = await stage()
  const { rerender } = await show(control)
  const figure = page.getByText(/At most \d+% of today's allowance\./)
  await expect.element(figure).toBeVisible()
  const before = figure.element().textContent
  await trigger().hover()
  await rerender(<OptIn feature="answer" input={{ ...input, text: input.text.repeat(60) }} />)
  await expect.poll(() => figure.element().textContent).not.toBe(before)
  await trigger().click()
  // It binds, so the server has nothing to object to.
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
})

test('a price that has risen since it was shown is asked about before anything is spent', async () => {
  const { ai, provider, show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.004 } }] } })
  const cheaper = priceTimes(ai, 0.2)
  await show(control)
  await trigger().click()
  await expect.element(shown(/Now at most \d+% instead of \d+%\. Nothing was spent\./)).toBeVisible()
  expect(provider.calls).toHaveLength(0)
  cheaper.mockRestore()
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

test('a look-up that no quote answers is no price that rose: an answer is offered at its own, and may be left', async () => {
  const { ai, provider, show } = await stage()
  await show(
    <OptIn.Root feature="answer" input={unanswered}>
      <nav><OptIn.Tool /></nav>
      <OptIn.Panel><OptIn.Output>{run => <p>{run.text}</p>}</OptIn.Output></OptIn.Panel>
    </OptIn.Root>,
  )
  const offered = shown(/^No quote answers this\. .*An AI answer can be written for at most \d+% of today's allowance\./)
  await page.getByRole('button', { name: 'AI answer', exact: true }).click()
  await calm()
  await trigger().click()
  await expect.element(offered).toBeVisible()
  await expect.element(status().getByText(/An AI answer can be written/)).toBeInTheDocument()
  await expect.element(shown(/instead of/)).not.toBeInTheDocument()
  await expect.element(page.getByRole('region')).not.toHaveAttribute('data-tone')
  expect(provider.calls).toHaveLength(0)
  await calm()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect.element(offered).not.toBeInTheDocument()
  expect(ai.budget.getState().local.every(({ held }) => held === 0)).toBe(true)

  await page.getByRole('button', { name: 'AI answer', exact: true }).click()
  await calm()
  await trigger().click()
  await expect.element(offered).toBeVisible()
  await calm()
  await trigger().click()
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  expect(provider.calls).toHaveLength(1)
})

test('a standing opt-in runs once when visible, and can be held back or stopped', async () => {
  const { script, proceed } = pausing()
  const { ai, provider, show } = await stage({ script })
  ai.optIn('answer', { scope: 'always', origin: 'settings' })
  const auto = <OptIn feature="answer" input={input} autoRun="visible" autoRunAfter={0} />
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

test('a standing opt-in waits until the input has stood still, however many came before', async () => {
  const { ai, provider, show } = await stage()
  ai.optIn('answer', { scope: 'always', origin: 'settings' })
  const typed = (query: string, after?: number) => <OptIn feature="answer" input={{ ...input, query }} autoRun="visible" {...after !== undefined && { autoRunAfter: after }} />
  const { rerender } = await show(typed('Why does'))
  for (const query of ['Why does t', 'Why does th', 'Why does the', 'Why does the clean-up', 'Why does the clean-up run', 'Why does the clean-up run twice?']) {
    await pause(120)
    await rerender(typed(query))
  }
  await pause(700)
  expect(provider.calls).toHaveLength(0)
  await expect.poll(() => provider.calls.length, { timeout: 3_000 }).toBe(1)
  expect(JSON.stringify(provider.calls[0])).toContain('run twice?')
  // Known to change still, then known to be final.
  await rerender(typed('Why does the other effect run thrice?', Infinity))
  await pause(1_800)
  expect(provider.calls).toHaveLength(1)
  await rerender(typed('Why does the other effect run thrice?', 0))
  await expect.poll(() => provider.calls.length).toBe(2)
})

test('"always" says what each time costs at most, and covers what it agreed to', async () => {
  const { ai, show } = await stage()
  const outcomes = vi.fn<(outcome: Outcome) => void>()
  await show(<OptIn feature="answer" input={input} onOutcome={outcomes} />)
  await trigger().click()
  const always = page.getByRole('button', { name: 'Always do this here', exact: true })
  await expect.element(always).toHaveAccessibleDescription(/at most \d+% each/)
  await page.getByRole('button', { name: 'Yes' }).click()
  await calm()
  await always.click()
  await expect.element(page.getByRole('button', { name: 'Stop doing this here' })).toHaveFocus()
  expect(ai.status('answer', { input: { text: 'x'.repeat(7_900), query: 'y?' } })).toMatchObject({ state: 'on', optIn: { scope: 'always', origin: 'control' } })
  expect(outcomes.mock.calls.map(([outcome]) => outcome)).toMatchObject([{ outcome: 'rated', enough: true }, { outcome: 'kept' }])
})

test('what became of an answer is told the server, unless the host takes it', async () => {
  const { ai, show } = await stage()
  const told = vi.fn<(event: AIEvent) => void>()
  ai.on(event => event.name === 'outcome' && told(event))
  await show(control)
  await trigger().click()
  await page.getByRole('button', { name: 'No', exact: true }).click()
  await calm()
  await page.getByRole('button', { name: 'Hide' }).click()
  expect(told.mock.calls).toMatchObject([[{ feature: 'answer', outcome: 'rated', enough: false }], [{ outcome: 'dismissed' }]])
})

test('nobody is asked whether it was enough where nobody is told', async () => {
  const { show } = await stage()
  await show(<OptIn feature="answer" input={input} onOutcome={null} />)
  await trigger().click()
  await expect.element(page.getByRole('button', { name: 'Receipt' })).toBeVisible()
  await expect.element(page.getByText('Enough?')).not.toBeInTheDocument()
})

test('figures of Details begin in one column, and are spoken without signs', async () => {
  const { show } = await stage()
  await show(control)
  await page.getByRole('button', { name: 'Details' }).click()
  await expect.element(page.getByText(/10 W lamp/)).toBeVisible()
  const values = [...document.querySelectorAll('.sparing-rows dd')]
  expect(values.length).toBeGreaterThan(2)
  expect(new Set(values.map(value => Math.round(value.getBoundingClientRect().left))).size).toBe(1)
  const heard = values.map(value => {
    const copy = value.cloneNode(true) as Element
    for (const seen of copy.querySelectorAll('[aria-hidden]')) seen.remove()
    return copy.textContent
  }).join(' ')
  expect(heard).toMatch(/watt-hours: a 10-watt lamp for \d+ seconds/)
  expect(heard).not.toMatch(/\b[mk]?Wh?\b/)
})

test('thinking longer is offered only where a model can', async () => {
  const models = { eco: ['gpt-4o-mini'], standard: ['gpt-4o'] }
  const { show } = await stage({ server: { providers: [baseline(), scriptedProvider({ models, script: ['Yes.'] })] } })
  await show(control)
  await page.getByRole('button', { name: 'Details' }).click()
  await expect.element(page.getByRole('combobox', { name: 'Level' })).toBeVisible()
  await expect.element(page.getByRole('checkbox', { name: 'Think longer' })).not.toBeInTheDocument()
})

test('while it thinks it can be told to answer now, at the price on the button', async () => {
  const { ai, provider, show } = await stage({
    async *script({ effort, signal }) {
      if (effort === 'none') return yield 'In short: yes.'
      yield { type: 'reasoning', text: 'Let me see.' }
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  })
  await show(<OptIn feature="answer" input={input} defaultTier="max" defaultEffort="high" />)
  await trigger().click()
  await calm()
  await page.getByRole('button', { name: 'Think longer' }).click()
  await expect.element(shown('Thinking.')).toBeVisible()
  const now = page.getByRole('button', { name: 'Answer now', exact: true })
  await expect.element(now).toHaveAccessibleDescription(/at most \d+%/)
  const run = vi.spyOn(ai, 'run')
  await calm()
  await now.click()
  await expect.element(page.getByText('In short: yes.')).toBeVisible()
  expect(provider.calls.map(({ model, effort }) => [model, effort])).toEqual([['gpt-5.1', 'high'], ['gpt-5.1', 'none']])
  expect(provider.calls[0]!.signal.aborted).toBe(true)
  expect(run.mock.calls[0]![1].estimate).toMatchObject({ tier: 'max', effort: 'none' })
})

describe('room for an answer is made once', () => {
  const long = Array.from({ length: 60 }, (_, word) => `A sentence of several words, number ${word}. `)

  test.each([
    ['short, wide', 656, ['Yes.']], ['long, wide', 656, long], ['short, on a phone', 326, ['Yes.']], ['long, on a phone', 326, long],
  ])('%s: what is below moves at the press and not again', async (_, width, words) => {
    const { show } = await stage({
      async *script() {
        for (const word of words) {
          yield word
          await pause(10)
        }
      },
    })
    await show(<div style={{ inlineSize: width }}><OptIn feature="answer" input={input} baseline={<p>First result.</p>} onOutcome={() => {}} /></div>)
    await expect.element(page.getByText(/At most/)).toBeVisible()
    const result = page.getByText('First result.').element()
    const tops = follow(() => result.getBoundingClientRect().top)
    await trigger().click()
    await expect.element(page.getByText(/^Written by AI/)).toBeVisible()
    await pause(300)
    expect(tops()).toEqual([expect.any(Number), expect.any(Number)])
    // No hole in the box: what is over stands between it and what is below.
    const slack = bottomOf('.sparing-strip') - bottomOf('.sparing-cost')
    expect(slack).toBeLessThanOrEqual(20)
    expect(gapAbove('.sparing-actions', '.sparing-body')).toBeLessThanOrEqual(60)
  })

  test.each([['wide', 656], ['on a phone', 326]])('%s, what comes at once takes what it needs, in one move', async (_, width) => {
    const { show } = await stage({ extractive: true })
    await show(<div style={{ inlineSize: width }}><OptIn feature="answer" input={input} baseline={<p>First result.</p>} /></div>)
    await expect.element(page.getByText(/Less than a second/)).toBeVisible()
    const result = page.getByText('First result.').element()
    const before = Math.round(result.getBoundingClientRect().top)
    const tops = follow(() => result.getBoundingClientRect().top)
    await trigger().click()
    await expect.element(page.getByText('No generative model.')).toBeVisible()
    await pause(300)
    expect(tops().map(top => top - before)).toEqual([0, expect.toSatisfy((moved: number) => moved > 0)])
    expect(result.getBoundingClientRect().top - bottomOf('.sparing-cost')).toBeLessThanOrEqual(48)
  })

  test('and given back where none came', async () => {
    const { show } = await stage({
      async *script() {
        await pause(200)
        yield* []
        throw new Error('The upstream broke off.')
      },
    })
    await show(<OptIn feature="answer" input={input} baseline={<p>First result.</p>} />)
    await trigger().click()
    await expect.element(page.getByRole('region')).toHaveAttribute('data-reserved', 'answer')
    await expect.element(shown('It did not finish.')).toBeVisible()
    expect(page.getByText('First result.').element().getBoundingClientRect().top - bottomOf('.sparing-strip')).toBeLessThanOrEqual(48)
  })

  test('a long one can be shown in full while it is still written', async () => {
    const { show } = await stage({
      async *script({ signal }) {
        yield* long
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    await show(control)
    await trigger().click()
    await page.getByRole('button', { name: 'Show all' }).click()
    await expect.element(stop()).toBeVisible()
    const body = document.querySelector('.sparing-body')!
    expect(body.scrollHeight).toBe(body.clientHeight)
    expect(body.clientHeight).toBeGreaterThan(240)
  })
})

const bottomOf = (part: string) => document.querySelector(part)!.getBoundingClientRect().bottom
/** Between what a part holds and the next. */
const gapAbove = (next: string, part: string) => document.querySelector(next)!.getBoundingClientRect().top - bottomOf(part)

/** The values of something, frame by frame, each once for as long as it stays. */
function follow(look: () => number): () => readonly number[] {
  const seen: number[] = []
  let going = true
  const note = () => {
    const value = Math.round(look())
    if (seen.at(-1) !== value) seen.push(value)
    if (going) requestAnimationFrame(note)
  }
  note()
  return () => {
    going = false
    return seen
  }
}

test('a menu holds the offer that a look-up takes out of the page, and leads to what is there', async () => {
  const { show } = await stage()
  await show(
    <OptIn.Root feature="answer" input={lookUp} autoRun="visible">
      <nav><OptIn.Tool /></nav>
      <OptIn.Panel><OptIn.Output>{run => <p>{run.text}</p>}</OptIn.Output></OptIn.Panel>
    </OptIn.Root>,
  )
  const tool = page.getByRole('button', { name: 'AI answer', exact: true })
  await expect.element(page.getByRole('region')).not.toBeInTheDocument()
  await tool.click()
  // The offer has its cost, which the menu has not.
  await expect.element(shown(/At most \d+%/)).toBeVisible()
  await expect.element(trigger()).toHaveFocus()
  await calm()
  await trigger().click()
  const heading = page.getByRole('heading', { name: 'Quotes from your documents' })
  await expect.element(heading).toHaveFocus()
  await tool.click()
  await expect.element(heading).toHaveFocus()
})

test('a trigger that goes away from a menu leaves the focus to the answer', async () => {
  const { show } = await stage()
  function Page() {
    const made = useOptIn('answer', { input: lookUp })
    return (
      <OptIn.Root control={made}>
        {made.state.name === 'absent' && <nav><OptIn.Trigger persistent /></nav>}
        <OptIn.Panel><OptIn.Output>{run => <p>{run.text}</p>}</OptIn.Output></OptIn.Panel>
      </OptIn.Root>
    )
  }
  await show(<Page />)
  await trigger().click()
  await expect.element(page.getByRole('heading', { name: 'Quotes from your documents' })).toHaveFocus()
})

test('an answer in another script says its language', async () => {
  const { show } = await stage({ script: ['请使用取消控制器。'] })
  await show(control)
  await trigger().click()
  await expect.element(page.getByText('请使用取消控制器。')).toBeVisible()
  expect(document.querySelector('.sparing-body')!.getAttribute('lang')).toBe('zh')
})

test('a model that wrote nothing is not said to have written', async () => {
  const { show } = await stage({ script: [] })
  await show(control)
  await trigger().click()
  await expect.element(shown(/It did not finish/)).toBeVisible()
  await expect.element(page.getByText(/Written by AI/)).not.toBeInTheDocument()
})

test.each([['written', false, /It did not finish/], ['found', true, 'Nothing was found to quote.']])('of nothing %s nobody is asked whether it was enough, or wanted always', async (_, extractive, nothing) => {
  const { show } = await stage({ script: [], extractive, provider: { showUnconfigured: true } })
  await show(<OptIn feature="answer" input={unanswered} demote={false} tier="eco" />)
  await trigger().click()
  await expect.element(shown(nothing).or(shown(/No quote answers this/))).toBeVisible()
  if (!extractive) {
    await calm()
    await trigger().click()
  }
  await expect.element(shown(nothing)).toBeVisible()
  await expect.element(page.getByRole('button', { name: extractive ? 'Receipt' : /Try again/ })).toBeVisible()
  await expect.element(page.getByText('Enough?')).not.toBeInTheDocument()
  await expect.element(page.getByRole('button', { name: /Always do this here/ })).not.toBeInTheDocument()
})

test('a level without a model shows no figures of another', async () => {
  const { show } = await stage({ extractive: true, provider: { showUnconfigured: true } })
  await show(control)
  await page.getByRole('button', { name: 'Details' }).click()
  await expect.element(page.getByText('Usually')).toBeVisible()
  await page.getByRole('combobox', { name: 'Level' }).selectOptions('Large')
  await expect.element(shown('No model is set up for this level.')).toBeVisible()
  await expect.element(page.getByText('Usually')).not.toBeInTheDocument()
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

test('where a run took the last of the allowance no more is offered, under the pointer too', async () => {
  const { show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { runs: 1 } }] }, provider: { askAt: 2 } })
  await show(control)
  await trigger().click()
  await expect.element(page.getByText(/Used 100% of today's allowance/)).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Hide' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'More detail', exact: true })).not.toBeInTheDocument()
})

test('an answer and its receipt stay where more is refused', async () => {
  const { ai, show } = await stage({ client: { budgets: [{ id: 'mine', per: 'day', limit: { runs: 2 } }] }, provider: { askAt: 2 } })
  await show(control)
  await trigger().click()
  const more = page.getByRole('button', { name: 'More detail', exact: true })
  await expect.element(more).toHaveAccessibleDescription('(at most 50%)')
  await more.hover()
  // Elsewhere in the page; figures under the pointer stand still meanwhile.
  await ai.run('answer', { input, trigger: 'user', optIn: 'once' })
  await calm()
  await more.click()
  await expect.element(shown(/Today's allowance, set by Acme, is used up\./)).toBeVisible()
  await expect.poll(() => status().element().textContent).toContain('is used up')
  await expect.element(page.getByText('Use an AbortController.')).toBeVisible()
  await expect.element(page.getByText(/Used 50% of today's allowance; we said at most 50%\. Light answer, .*second/)).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Hide' })).toBeVisible()
  await expect.element(more).not.toBeInTheDocument()
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
