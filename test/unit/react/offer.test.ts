import { describe, expect, test } from 'vitest'
import type { AI } from '../../../src/client/index.ts'
import type { Budget, BudgetNotice } from '../../../src/core/index.ts'
import { pricedOffer } from '../../../src/react/offer.ts'
import { budget, estimate } from './support/facts.ts'

/** What is offered of `answer` at `eco` beside what the server told. */
function offered(server: readonly (Budget | BudgetNotice)[], change: Partial<typeof estimate> = {}) {
  const ai = { catalog: { getState: () => ({ status: 'ready', catalog: null }) }, budget: { getState: () => ({ local: [], server, agreement: 'exact' }) } } as unknown as AI
  return pricedOffer(ai, 'A text.', { tier: 'eco', effort: 'none' }, { ...estimate, ...change })
}

const usedUp = (only: Budget['only']): Budget => budget({ available: 0, settled: 0.25, resetsAt: null, ...only && { only } })

describe('an offer', () => {
  test.each<[string, Budget['only']]>([
    ['another feature', { feature: 'summary' }], ['another level', { tier: 'max' }], ['what nobody pressed for', { trigger: 'background' }],
    ['this feature at another level', { feature: 'answer', tier: 'standard' }],
  ])('is not refused by a used-up budget of %s, and takes no share of it', (_, only) => {
    expect(offered([usedUp(only)])).toMatchObject({ refusing: [], share: null })
    expect(offered([{ id: 'org', exceeded: true, resetsAt: null, ...only && { only } }])).toMatchObject({ refusing: [] })
  })

  test.each<[string, Budget['only']]>([
    ['all', undefined], ['this feature', { feature: 'answer' }], ['this level', { tier: 'eco' }], ['what is pressed for', { feature: 'answer', tier: 'eco', trigger: 'user' }],
  ])('is refused by a used-up budget of %s, and takes its share of it', (_, only) => {
    const offer = offered([usedUp(only)])
    expect(offer.refusing).toEqual([usedUp(only)])
    expect(offer.share!.ratio).toBeCloseTo(0.0005 / 0.25)
  })

  test('of another level is refused by that level\'s budget', () => {
    expect(offered([usedUp({ tier: 'max' })], { tier: 'max' }).refusing).toHaveLength(1)
  })

  test('of quotes is refused by none', () => {
    expect(offered([usedUp(undefined)], { tier: 'baseline' }).refusing).toEqual([])
  })
})
