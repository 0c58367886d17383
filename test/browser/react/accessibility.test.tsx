import axe from 'axe-core'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { page } from 'vitest/browser'
import { BudgetMeter, OptIn } from '../../../src/react/index.ts'
import { calm, features, input, pausing, stage } from './support/page.tsx'
import type { StageOptions } from './support/page.tsx'

const trigger = () => page.getByRole('button', { name: 'Answer with AI', exact: true })
const press = () => trigger().click()
const shown = async (text: string | RegExp) => {
  await expect.element(page.getByRole('region').getByText(text)).toBeVisible()
}

const thinks: StageOptions['script'] = async function* ({ signal }) {
  yield { type: 'reasoning', text: 'Let me see.' }
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

interface State {
  readonly options?: StageOptions
  readonly reach: () => Promise<void>
  readonly tier?: 'standard' | 'max'
  readonly effort?: 'high'
}

const states: Record<string, State> = {
  off: { reach: () => shown(/At most/) },
  details: {
    reach: async () => {
      await page.getByRole('button', { name: 'Details' }).click()
      await shown(/10 W lamp/)
    },
  },
  asking: {
    tier: 'max', effort: 'high',
    reach: async () => {
      await press()
      await shown(/Think longer\?/)
    },
  },
  running: {
    options: { script: pausing().script },
    reach: async () => {
      await press()
      await shown('First,')
    },
  },
  done: {
    reach: async () => {
      await press()
      await page.getByRole('button', { name: 'Receipt' }).click()
      await shown('Id for support')
    },
  },
  quotes: {
    options: { extractive: true, provider: { showUnconfigured: true } },
    reach: async () => {
      await press()
      await shown('No generative model.')
    },
  },
  thinking: {
    tier: 'max', effort: 'high',
    options: { script: thinks },
    reach: async () => {
      await press()
      await calm()
      await page.getByRole('button', { name: 'Think longer' }).click()
      await shown('Thinking.')
    },
  },
  stopped: {
    options: { script: pausing().script },
    reach: async () => {
      await press()
      await shown('First,')
      await calm()
      await page.getByRole('button', { name: 'Stop' }).click()
      await shown('It did not finish.')
    },
  },
  'refused by budget': { tier: 'max', options: { client: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.0006 } }] } }, reach: () => shown('Show quotes') },
  'refused by policy': { options: { server: { features: { answer: { task: 'answer', baseline: 'search', tier: 'max', mode: 'off' } } } }, reach: () => shown('Acme has turned AI answers off here.') },
  'no model': { tier: 'standard', options: { extractive: true, provider: { showUnconfigured: true } }, reach: () => shown('No model is set up for this level.') },
  hidden: {
    reach: async () => {
      await page.getByRole('button', { name: 'Hide' }).click()
      await shown('AI answers are hidden.')
    },
  },
}

describe.each(['light', 'dark'] as const)('in %s', theme => {
  test.each(Object.entries(states))('axe finds nothing in "%s"', async (_, { options, reach, tier, effort }) => {
    const { show } = await stage({ ...options, theme })
    await show(
      <>
        <h1>Results</h1>
        <OptIn feature="answer" input={input} baseline={<p>Result.</p>} {...tier && { defaultTier: tier }} {...effort && { defaultEffort: effort }} />
        <BudgetMeter />
      </>,
    )
    await reach()
    await Promise.all(document.getAnimations().map(({ finished }) => finished))
    const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } })
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])])).toEqual([])
  })
})

describe('at 320 px, with text twice as large and spaced', () => {
  const root = document.documentElement
  afterEach(async () => {
    root.removeAttribute('style')
    await page.viewport(414, 896)
  })

  test.each(['off', 'details', 'asking', 'done', 'refused by budget'])('nothing is cut off in "%s"', async name => {
    const { options, reach, tier, effort } = states[name]!
    await page.viewport(320, 900)
    root.style.cssText = 'font-size: 200%; line-height: 1.5; letter-spacing: .12em; word-spacing: .16em'
    const { show } = await stage(options)
    await show(<OptIn feature="answer" input={input} {...tier && { defaultTier: tier }} {...effort && { defaultEffort: effort }} />)
    await reach()
    const wide = [...document.querySelectorAll('.sparing-panel *')].filter(element => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflow !== 'visible' && !element.matches('.sparing-spoken, .sparing-skip'))
    expect(wide.map(({ outerHTML }) => outerHTML)).toEqual([])
    const beyond = [...document.querySelectorAll('.sparing-panel *')].filter(element => element.getBoundingClientRect().right > 320)
    expect(beyond.map(({ outerHTML }) => outerHTML)).toEqual([])
    expect(root.scrollWidth).toBeLessThanOrEqual(320)
  })
})

test('buttons are large enough, and a yes is no larger than a no', async () => {
  await page.viewport(390, 800)
  const { show } = await stage()
  const { rerender } = await show(<OptIn feature="answer" input={input} />)
  const sizes = [trigger(), page.getByRole('button', { name: 'Hide' })].map(button => button.element().getBoundingClientRect())
  expect(sizes.map(({ height }) => height)).toEqual([44, 44])
  expect(sizes[0]!.width).toBeCloseTo(sizes[1]!.width, 0)
  expect(sizes[0]!.top).toBe(sizes[1]!.top)
  // 320 px less the gutters of a page.
  await page.viewport(320, 800)
  await rerender(<div style={{ inlineSize: 256 }}><OptIn feature="answer" input={input} /></div>)
  const [yes, no] = [trigger(), page.getByRole('button', { name: 'Hide' })].map(button => button.element().getBoundingClientRect())
  expect(no!.top).toBeGreaterThan(yes!.bottom)
  expect(no!.width).toBe(yes!.width)
})

test('closed, the strip of a wide page is at most 72 px high', async () => {
  await page.viewport(1_000, 800)
  const { show } = await stage()
  await show(<div style={{ inlineSize: 656 }}><OptIn feature="answer" input={input} /></div>)
  await shown(/At most/)
  expect(page.getByRole('region').element().getBoundingClientRect().height).toBeLessThanOrEqual(72)
})

test('nor is that of a summary, whose button is longer, at the width of a document, or of a page beside another', async () => {
  await page.viewport(1_000, 800)
  const { show } = await stage({ client: { features: { answer: { ...features.answer, task: 'summarize' } } } as never, script: [] })
  const { rerender } = await show(<p />)
  for (const width of [576, 593, 608, 624, 656, 680]) {
    await rerender(<div style={{ inlineSize: width }}><OptIn feature="answer" input={{ text: 'A text. '.repeat(200) }} messages={{ seconds: () => 'less than a second', lessThanASecond: 'less than a second' }} /></div>)
    await expect.element(page.getByText('Less than a second.')).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Summarize with AI' })).toBeVisible()
    expect(page.getByRole('region').element().getBoundingClientRect().height, `${width} px`).toBeLessThanOrEqual(72)
  }
})

test('with letters twice as large its parts go one under the other, and none is wider than it', async () => {
  await page.viewport(1_000, 800)
  document.documentElement.style.fontSize = '200%'
  onTestFinished(() => document.documentElement.removeAttribute('style'))
  const { show } = await stage()
  const { rerender } = await show(<p />)
  for (const width of [288, 593, 680]) {
    await rerender(<div style={{ inlineSize: width }}><OptIn feature="answer" input={input} /></div>)
    await shown(/At most/)
    const [hint, yes] = [page.getByText(/At most/), trigger()].map(each => each.element().getBoundingClientRect())
    expect(yes!.top, `${width} px`).toBeGreaterThanOrEqual(hint!.bottom)
    const region = page.getByRole('region').element()
    expect(region.scrollWidth, `${width} px`).toBeLessThanOrEqual(region.clientWidth)
  }
})

test('the meter says what it draws', async () => {
  const { script, proceed } = pausing()
  const { ai, show } = await stage({ script })
  await show(<BudgetMeter />)
  const meter = page.getByRole('meter', { name: "Today's allowance" })
  await expect.element(meter).toHaveAttribute('aria-valuenow', '0')
  const run = ai.run('answer', { input, optIn: 'once', trigger: 'user' })
  await expect.element(meter).toHaveAttribute('aria-valuetext', expect.stringMatching(/^\S+% used, 2% set aside\. It resets at \d\d:\d\d, your time\.$/))
  proceed()
  await run
  await expect.element(meter).toHaveAttribute('aria-valuetext', expect.stringMatching(/^Less than 1% used\. It resets/))
})
