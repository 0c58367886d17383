import type { Budget, Estimate, Receipt } from '../../../../src/core/index.ts'
import { exactly, rangeOf, SparingError } from '../../../../src/core/index.ts'
import type { ControlFacts } from '../../../../src/react/control-state.ts'
import type { ReadyOffer } from '../../../../src/react/offer.ts'

export const estimate: Estimate = {
  id: 'e1', status: 'ready', feature: 'answer', tier: 'eco', effort: 'none', model: 'small', catalogVersion: 'v1',
  tokens: { input: exactly(500), output: rangeOf(50, 140, 300) },
  cost: { usd: rangeOf(0.0001, 0.0002, 0.0004), wh: rangeOf(0.04, 0.06, 0.11), gco2e: rangeOf(0.01, 0.02, 0.04) },
  seconds: rangeOf(3, 5, 6), stars: 4, ceiling: { usd: 0.0005, wh: 0.2, outputTokens: 300 },
  provenance: { usd: 'class', wh: 'modelled' }, baseline: { usd: exactly(0), wh: exactly(0.00001), gco2e: null },
}

export const offer: ReadyOffer = { demand: { tier: undefined, effort: 'none' }, estimate, share: { ratio: 0.02, window: 'day' }, refusing: [] }

export const budget = (change: Partial<Budget> = {}): Budget => ({
  id: 'mine', scope: 'user', unit: 'usd', window: 'day', timeZone: 'UTC', limit: 0.25, settled: 0, held: 0, available: 0.25,
  resetsAt: Date.parse('2026-11-25T00:00:00Z'), revision: 1, ...change,
})

/** Of a run that was looked up and served by quotes. */
export const receipt = (change: Partial<Receipt> = {}): Receipt => ({
  id: 'r1', feature: 'answer', status: 'failed', choice: { model: 'extractive', provider: 'baseline', tier: 'baseline', effort: 'none', need: 'none', reasons: [] },
  usage: { input: 0, cached: 0, output: 0, reasoning: 0, source: 'counted' }, cost: { usd: 0, wh: 0, gco2e: null }, estimate, optIn: null, budgets: [],
  at: Date.parse('2026-11-24T17:00:00Z'), signature: null, ...change,
})

/** A control that may be pressed. */
export const facts: ControlFacts = {
  ready: true, online: true, status: { state: 'off', optIn: null, tiers: ['eco'] }, offer, pressed: false, called: false, hidden: false, run: null,
  need: 'generate', demote: true, unconfigured: false, showUnconfigured: false, now: Date.parse('2026-11-24T17:00:00Z'),
}

export const refusedBy = (code: ConstructorParameters<typeof SparingError>[0], details = {}): ControlFacts['run'] =>
  ({ status: 'refused', choice: null, error: Object.assign(new SparingError(code, 'No.', details), details) })
