import { describe, expect, test } from 'vitest'
import type { RunState } from '../../../src/client/index.ts'
import { AbortedError, CeilingExceededError, UpstreamError } from '../../../src/core/index.ts'
import { wordsOf } from '../../../src/react/figures.ts'
import type { Wording } from '../../../src/react/figures.ts'
import { hintOf } from '../../../src/react/hint.ts'
import type { HintFacts } from '../../../src/react/hint.ts'
import { arabic } from '../../../src/react/languages/arabic.ts'
import { english } from '../../../src/react/languages/english.ts'
import { messagesOf } from '../../../src/react/messages.ts'
import type { ReadyOffer } from '../../../src/react/offer.ts'
import { budget, estimate, offer, receipt } from './support/facts.ts'

const wording: Wording = { text: messagesOf(english), pays: false, owner: 'Acme' }
const run: RunState = { id: 'r1', feature: 'answer', tier: 'eco', effort: 'none', status: 'failed', text: 'Half', object: undefined, choice: null, receipt: null, estimate, error: null }

const facts = (change: Partial<HintFacts>): HintFacts => ({
  state: { name: 'failed', started: true }, run, wording, words: wordsOf(wording.text, 'answer'), lines: [budget()], aid: false, promised: offer, agreed: null, change: null,
  offers: { status: { state: 'off', optIn: null, tiers: ['eco'] }, main: offer, levels: [offer, offer], think: null }, ...change,
})
const said = (change: Partial<HintFacts>) => {
  const { lead, rest } = hintOf(facts(change))
  return [lead, ...rest].join(' ')
}

describe('a run that broke off', () => {
  test('counts as all that was set aside, until its receipt is known', () => {
    expect(said({ run: { ...run, error: new UpstreamError('It broke off.') } })).toBe('It did not finish. Counted: at most 2%. Results are unaffected.')
    expect(said({ state: { name: 'stopped' }, run: { ...run, error: new AbortedError('Stopped.', { receipt: null }) } })).toBe('It did not finish. Counted: at most 2%. Results are unaffected.')
  })

  test('counts as nothing where it was stopped before it was sent', () => {
    expect(said({ state: { name: 'stopped' }, run: { ...run, error: new AbortedError('Stopped before.') } })).toBe('It did not finish. Nothing was counted. Results are unaffected.')
  })
})

test('who had agreed to less is told why they are asked anew', () => {
  const dearer = { ...offer, share: { ratio: 0.05, window: 'day' as const } }
  const offers = { status: { state: 'off' as const, optIn: null, tiers: ['eco' as const] }, main: dearer, levels: [offer, dearer], think: null }
  expect(said({ state: { name: 'off', standing: false }, offers, agreed: offer })).toBe('AI answer, optional. About 5 seconds. Now at most 5% instead of 2%.')
  expect(said({ state: { name: 'off', standing: false }, offers })).toBe("AI answer, optional. About 5 seconds. At most 5% of today's allowance.")
  expect(said({ state: { name: 'asking', offer: dearer }, offers, agreed: offer })).toContain('Now at most 5% instead of 2%.')
})

describe('a price that changed', () => {
  const change = (now: ReadyOffer) => ({ state: { name: 'price-changed' as const, estimate: now.estimate }, change: { before: offer, now } })

  test('is told beside the one before', () => {
    expect(said(change({ ...offer, share: { ratio: 0.05, window: 'day' } }))).toBe(' Now at most 5% instead of 2%. Nothing was spent.')
  })

  test('is never told as a figure instead of itself', () => {
    const dearer = { ...offer, estimate: { ...estimate, ceiling: { ...estimate.ceiling, usd: 0.000_501 } } }
    expect(said(change(dearer))).toBe(' The cost has changed a little: now at most 2%. Nothing was spent.')
  })
})

describe('what was looked up and is quoted nowhere', () => {
  const free = { ...estimate, ceiling: { usd: 0, wh: 0.000_1, outputTokens: 0 } }
  const looked = { ...run, receipt: receipt({ cost: { usd: 0, wh: 0.000_002, gco2e: null } }), error: new CeilingExceededError('Nothing quoted.', { estimate }) }
  const unquoted = (now: ReadyOffer) => ({ state: { name: 'unquoted' as const, estimate: now.estimate }, run: looked, change: { before: { ...offer, estimate: free, share: { ratio: 0.01, window: 'day' as const } }, now } })

  test('is no price that rose: it says what happened, and what an answer takes at most', () => {
    expect(said(unquoted(offer))).toBe("No quote answers this. Counted: less than 1%. An AI answer can be written for at most 2% of today's allowance. About 5 seconds.")
    expect(hintOf(facts(unquoted(offer))).tone).toBe('quiet')
  })

  test('names no figure where nobody knows one', () => {
    const unknown = { ...offer, share: null, estimate: { ...estimate, seconds: null, ceiling: { usd: null, wh: null, outputTokens: 300 } } }
    expect(said(unquoted(unknown))).toBe('No quote answers this. Counted: less than 1%. An AI answer can be written. Its cost is not known.')
  })

  test('says the same in Arabic', () => {
    const text = messagesOf(arabic)
    const { lead, rest } = hintOf(facts({ ...unquoted(offer), wording: { ...wording, text }, words: wordsOf(text, 'answer') }))
    expect([lead, ...rest].join(' ').replaceAll('\u200e', '')).toBe('لا يجيب عن هذا أيّ اقتباس. المحسوب: أقلّ من 1%. تمكن كتابة إجابة بالذكاء الاصطناعي مقابل 2% من حصّة اليوم على الأكثر. نحو 5 ثوان.')
  })
})

test('the question about thinking longer is a sentence also where the time is not known', () => {
  const think: ReadyOffer = {
    ...offer, demand: { tier: 'max', effort: 'high' }, share: { ratio: 0.18, window: 'day' },
    estimate: { ...estimate, tier: 'max', effort: 'high', seconds: null, cost: { ...estimate.cost, wh: { low: 0.3, mid: 0.72, high: 2 } } },
  }
  expect(said({ state: { name: 'asking', offer: think } })).toBe("Think longer? About 12 times a Light answer, at most 18% of today's allowance.")
})
