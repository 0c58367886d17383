import { describe, expect, test } from 'vitest'
import type { Estimate, Receipt } from '../../../src/core/index.ts'
import { bound, comparison, mostCost, usualCost, countedShare, energiesOfReceipt, energySpan, lamp, refusal, spent, timesLightest, wordsOf } from '../../../src/react/figures.ts'
import type { Wording } from '../../../src/react/figures.ts'
import { arabic } from '../../../src/react/languages/arabic.ts'
import { english } from '../../../src/react/languages/english.ts'
import { mergeMessages, messagesOf } from '../../../src/react/messages.ts'
import { shareOf, tightest, wholePercent } from '../../../src/react/share.ts'
import { budget, estimate, offer } from './support/facts.ts'

const wording: Wording = { text: messagesOf(english), pays: false, owner: 'Acme' }
const payer: Wording = { ...wording, pays: true }

describe('a share of the allowance', () => {
  const lines = [budget(), budget({ unit: 'wh', limit: 50, window: 'week' }), budget({ id: 'runs', unit: 'runs', limit: 50 })]

  test('is that of the line it takes most of', () => {
    expect(shareOf({ usd: 5_000_000, wh: 10_000_000, runs: 1 }, lines)).toEqual({ ratio: 0.2, window: 'week' })
    expect(shareOf({ usd: 5_000_000, wh: 200_000, runs: 1 }, lines)).toEqual({ ratio: 0.02, window: 'day' })
  })

  test('is nothing where no line counts it', () => {
    expect(shareOf({ gco2e: 1 }, lines)).toBeNull()
    expect(shareOf({ usd: 1 }, [budget({ limit: 0 })])).toBeNull()
  })

  test.each([[0.02, 2], [0.0201, 3], [0.07, 7], [0.29, 29], [0, 0], [1e-9, 1], [1, 100]])('%f is at most %i percent', (ratio, percent) => {
    expect(wholePercent(ratio)).toBe(percent)
  })

  test.each([[0.02, '2%'], [0.0099, 'less than 1%'], [1e-9, 'less than 1%'], [0.01, '1%'], [0, '0%']])('%f was counted as %s', (ratio, words) => {
    expect(countedShare(wording, ratio)).toBe(words)
  })
})

describe('a bound', () => {
  const share = (ratio: number) => ({ ...offer, share: { ratio, window: 'day' as const } })

  test.each([[0.0199, 'at most 2%'], [0.0001, 'at most 1%'], [0, 'at most 1%']])('%f is %s', (ratio, words) => {
    expect(bound(wording, share(ratio))).toBe(words)
  })

  test('names the allowance in its long form', () => {
    expect(bound(wording, offer, 'long')).toBe("at most 2% of today's allowance")
  })

  test('is money for those who pay, rounded up to two figures', () => {
    expect(bound(payer, { ...offer, estimate: { ...estimate, ceiling: { usd: 0.01234, wh: 1, outputTokens: 1 } } })).toBe('at most $0.013')
    expect(bound(payer, offer)).toBe('at most $0.0005')
  })

  test('is energy where no line counts it, and nothing where nobody knows', () => {
    expect(bound(wording, { ...offer, share: null })).toBe('at most 0.2 Wh')
    expect(bound(wording, { ...offer, share: null, estimate: { ...estimate, ceiling: { usd: 1, wh: null, outputTokens: 1 } } })).toBeNull()
  })
})

describe('what is usual', () => {
  const lines = [budget(), budget({ id: 'week', unit: 'wh', limit: 0.2, window: 'week' })]
  const usual = (change: Partial<Estimate['cost']>, by: Wording = wording, form: 'short' | 'long' = 'short') =>
    usualCost(by, { ...offer, estimate: { ...estimate, cost: { ...estimate.cost, ...change } } }, lines, form)
  const usd = (low: number, high: number) => ({ usd: { low, mid: low, high } })

  test('is two amounts of money for those who pay, beside the most there is', () => {
    expect([usual({}, payer), mostCost(payer, offer, 'long')]).toEqual(['$0.0001 to $0.0004', '$0.0005'])
    expect([usual(usd(0, 0), payer), usual({ usd: null }, payer)]).toEqual(['$0', null])
    expect(usual({}, { ...payer, text: messagesOf(arabic, { locale: 'ar-EG' }) })).toMatch(/^من .*٠٫٠٠٠١.* إلى .*٠٫٠٠٠٤/)
  })

  test('is a share of the allowance that binds for the others', () => {
    expect(usual(usd(0.0001, 0.0004), wording, 'long')).toBe("less than 1% of today's allowance")
    expect(usual(usd(0.0001, 0.006), wording, 'long')).toBe("up to 2% of today's allowance")
    expect([usual(usd(0.003, 0.012)), usual(usd(0.012, 0.0121)), mostCost(wording, offer, 'long')]).toEqual(['1% to 5%', '5%', "2% of today's allowance"])
  })

  test('is nothing where no line counts it', () => {
    const unshared = { ...offer, share: null }
    expect([usualCost(wording, unshared, [], 'long'), mostCost(wording, unshared, 'long')]).toEqual([null, null])
  })
})

describe('what was counted', () => {
  const receipt = { cost: { usd: 0.0025, wh: 0.06, gco2e: 0.02 }, usage: { input: 1, output: 1 }, estimate, choice: { tier: 'eco', reasons: [] } } as unknown as Receipt

  test('is no more than the ceiling where a model\'s server reports more, of which nothing more was taken', () => {
    const told = { ...receipt, cost: { usd: 9, wh: 99, gco2e: 9 }, usage: { input: 1, output: 90_000 }, choice: { ...receipt.choice, reasons: [{ code: 'over-ceiling', text: '' }] } } as unknown as Receipt
    const { usd, wh } = estimate.ceiling
    const most = { ...receipt, cost: { ...receipt.cost, usd, wh } } as Receipt
    for (const who of [wording, payer]) for (const lines of [[], [budget()], [budget({ unit: 'wh', limit: 50 })]]) expect(spent(who, told, lines)).toEqual(spent(who, most, lines))
    expect(spent(wording, told, [budget({ unit: 'tokens', limit: 100 })]).share).toBeNull()
  })

  test.each([
    ['a share', receipt, wording, '1%'],
    ['less than a percent', { ...receipt, cost: { ...receipt.cost, usd: 1e-7 } }, wording, 'less than 1%'],
    ['energy without money is something', { ...receipt, cost: { ...receipt.cost, usd: 0 } }, wording, 'less than 1%'],
    ['nothing', { ...receipt, cost: { usd: 0, wh: 0, gco2e: 0 } }, wording, '0%'],
    ['money', receipt, payer, '$0.0025'],
  ])('%s', (_, receipt, wording, used) => {
    expect(spent(wording, receipt, [budget()]).used).toBe(used)
  })
})

describe('a refusal', () => {
  const at = (hours: number) => Date.now() + hours * 3_600_000

  test('says whose allowance is used up and until when', () => {
    const words = refusal(wording, [budget({ available: 0, settled: 0.25, resetsAt: at(2) })])
    expect(words).toMatch(/^Today's allowance, set by Acme, is used up\. It resets at \d\d:\d\d, your time\.$/)
  })

  test('does not call used up what is only too small', () => {
    expect(refusal(wording, [budget({ available: 0.05, settled: 0.2, resetsAt: null })])).toBe("Only 20% of today's allowance, set by Acme, is left, and this may take more.")
    expect(refusal(wording, [budget()])).toBe("This may take more than the whole of today's allowance, set by Acme.")
  })

  test('says of others’ budgets only that they are used up', () => {
    expect(refusal({ ...wording, owner: null }, [{ id: 'org', exceeded: true, resetsAt: null }])).toBe('The shared allowance is used up.')
  })
})

describe('figures in words', () => {
  const drawing = (low: number, high: number, most: number | null) => ({ ...estimate, cost: { ...estimate.cost, wh: { low, mid: low, high } }, ceiling: { ...estimate.ceiling, wh: most } })

  test('energy is spoken without signs', () => {
    expect(energySpan(wording.text, estimate)).toEqual(['0.04 to 0.11 Wh', '0.04 to 0.11 watt-hours'])
  })

  test('its picture is spoken without signs too', () => {
    expect(lamp(wording, drawing(0.04, 0.11, 0.2))![1]).toBe('0.2 watt-hours: a 10-watt lamp for 72 seconds')
  })

  test('energy is pictured, and as a bound is rounded up', () => {
    const shown = (low: number, high: number, most: number) => lamp(wording, drawing(low, high, most))![0]
    expect(shown(0.04, 0.11, 0.2)).toBe('0.2 Wh: a 10 W lamp for 72 seconds')
    expect(shown(1, 2, 5)).toBe('5 Wh: a 10 W lamp for 30 minutes')
    expect(shown(0.04, 0.11, 0.415)).toBe('0.42 Wh: a 10 W lamp for 3 minutes')
    expect(shown(0.000_05, 0.0001, 0.0001)).toBe('0.1 mWh: a 10 W lamp for less than a second')
    expect(lamp(wording, drawing(1, 2, null))).toBeNull()
  })

  test('what is usual, the most there is and what is on the line have one unit', () => {
    const wide = drawing(0.0023, 0.055, 0.094)
    expect([energySpan(wording.text, wide)![0], lamp(wording, wide)![0], bound(wording, { ...offer, share: null, estimate: wide })]).toEqual(['2.3 to 55 mWh', '94 mWh: a 10 W lamp for 34 seconds', 'at most 94 mWh'])
  })

  test('a receipt has the unit that Details had said it in', () => {
    const unshared = (estimate: Estimate) => ({ ...offer, share: null, estimate })
    const receiptOf = (estimate: Estimate, wh: number) => ({ cost: { usd: null, wh, gco2e: null }, usage: { input: 1, output: 1 }, estimate, choice: { tier: 'eco', reasons: [] } }) as unknown as Receipt
    const said = (estimate: Estimate, wh: number) => {
      const receipt = receiptOf(estimate, wh)
      const together = energiesOfReceipt(receipt)
      return [lamp(wording, estimate)![0].split(':')[0], spent(wording, receipt, [], together).used, bound(wording, unshared(estimate), 'short', together)]
    }
    expect(said(estimate, 0.084)).toEqual(['0.2 Wh', '0.084 Wh', 'at most 0.2 Wh'])
    expect(said(drawing(0.000_004, 0.000_9, 0.0023), 0.000_074)).toEqual(['2,300 µWh', '74 µWh', 'at most 2,300 µWh'])
  })

  test('is compared with the quotes while that can be pictured, else with the lowest level', () => {
    const baseline = { ...estimate.baseline, wh: { low: 0.01, mid: 0.01, high: 0.01 } }
    expect(comparison(wording, { ...offer, estimate: { ...estimate, baseline } }, offer, 'answer')).toBe('About 6 times the quotes alone')
    expect(comparison(wording, offer, offer, 'answer')).toBeNull()
    const large = { ...offer, estimate: { ...estimate, cost: { ...estimate.cost, wh: { low: 1, mid: 0.72, high: 2 } } } }
    expect(comparison(wording, large, offer, 'answer')).toBe('About 12 times a Light answer')
    const paid = { ...large, estimate: { ...large.estimate, cost: { ...large.estimate.cost, wh: null, usd: { low: 0.001, mid: 0.002, high: 0.003 } } } }
    expect(timesLightest(wording, paid, offer, 'answer')).toBe('about 10 times a Light answer')
  })

  test('a level that takes no more says so, and why', () => {
    const standard = (change: object) => ({ ...offer, estimate: { ...estimate, tier: 'standard' as const, ...change } })
    expect(comparison(wording, standard({ model: 'other' }), offer, 'answer')).toBe('About as much as a Light answer')
    expect(comparison(wording, standard({}), offer, 'answer')).toBe('The same model as a Light answer')
  })

  test('what an answer is to be checked by depends on its task', () => {
    const checks = (['answer', 'summarize', 'draft'] as const).map(task => wordsOf(wording.text, task).check)
    expect(checks).toEqual(['Check the linked quotes.', 'Check it against the text.', ''])
  })

  test('no figure that is something is shown as 0', () => {
    expect(wording.text.number(0.0000123)).toBe('0.000012')
    expect(wording.text.money(0.0000123, 'up')).toBe('$0.000013')
  })

  test('the host may replace any part of it', () => {
    const text = mergeMessages(messagesOf(english, { locale: 'de' }), { hide: 'Ausblenden', levels: { eco: 'Leicht' }, money: usd => `${usd * 100} Cent` })
    expect([text.hide, text.levels.eco, text.levels.max, text.money(0.01), text.percent(2)]).toEqual(['Ausblenden', 'Leicht', 'Large', '1 Cent', '2\u00a0%'])
  })
})

test('the tightest line is the one of which most is used or set aside', () => {
  const used = budget({ id: 'used', settled: 0.1 })
  const held = budget({ id: 'held', settled: 0.05, held: 0.1 })
  expect(tightest([used, held, budget({ limit: 0, settled: 1 })])).toBe(held)
  expect(tightest([])).toBeNull()
})
