import { describe, expect, test } from 'vitest'
import { controlState } from '../../../src/react/control-state.ts'
import type { ControlFacts, ControlState } from '../../../src/react/control-state.ts'
import { mustAsk } from '../../../src/react/offer.ts'
import { budget, estimate, facts, offer, refusedBy } from './support/facts.ts'

const status = (state: ControlFacts['status']['state']): Partial<ControlFacts> => ({ status: { ...facts.status, state } })
const noEstimate = (reason: 'unreachable' | 'unknown-feature' | 'disabled' | 'no-model' | 'input-too-long'): Partial<ControlFacts> =>
  ({ offer: { ...offer, estimate: { status: 'unavailable', reason } } })
const loading: Partial<ControlFacts> = { offer: { ...offer, estimate: { status: 'loading' } } }
const run = (status: NonNullable<ControlFacts['run']>['status'], tier: 'eco' | 'baseline' = 'eco'): Partial<ControlFacts> =>
  ({ run: { status, error: null, choice: { model: 'm', provider: 'p', tier, effort: 'none', need: 'generate', reasons: [] } } })
const refusing = { offer: { ...offer, refusing: [budget({ available: 0 })] } }
const lookUp = { need: 'none' } as const

const table: [string, Partial<ControlFacts>, ControlState][] = [
  ['an offer', {}, { name: 'off', standing: false }],
  ['a standing opt-in', status('on'), { name: 'off', standing: true }],
  ['the server renders', { ready: false, ...status('master-off'), ...run('writing') }, { name: 'off', standing: false }],

  ['the catalog is not there', status('loading'), { name: 'estimating', waiting: false }],
  ['the figure is not there', loading, { name: 'estimating', waiting: false }],
  ['pressed before the figure came', { ...loading, pressed: true }, { name: 'estimating', waiting: true }],

  ['pressed, to be confirmed', { pressed: true }, { name: 'asking', offer }],
  ['pressed on a look-up', { pressed: true, ...lookUp }, { name: 'asking', offer }],
  ['pressed where it was declined', { pressed: true, ...status('declined') }, { name: 'asking', offer }],
  ['pressed again after a run', { pressed: true, ...run('completed') }, { name: 'asking', offer }],
  ['no opt-in covers it any longer', { run: refusedBy('opt-in-required') }, { name: 'asking', offer }],

  ['a run that starts', run('starting'), { name: 'running', thinking: false }],
  ['a run that thinks', run('thinking'), { name: 'running', thinking: true }],
  ['a run that writes', run('writing'), { name: 'running', thinking: false }],
  ['a run on a look-up, declined since', { ...run('writing'), ...lookUp, ...status('declined') }, { name: 'running', thinking: false }],

  ['a written answer', run('completed'), { name: 'done', extractive: false, cut: false }],
  ['quotes', run('completed', 'baseline'), { name: 'done', extractive: true, cut: false }],
  ['an answer cut by its ceiling', run('ceiling'), { name: 'done', extractive: false, cut: true }],
  ['quotes are never cut', run('ceiling', 'baseline'), { name: 'done', extractive: true, cut: false }],
  ['an answer stays while offline', { ...run('completed'), online: false }, { name: 'done', extractive: false, cut: false }],

  ['stopped', run('aborted'), { name: 'stopped' }],
  ['broken off', run('failed'), { name: 'failed', started: true }],
  ['refused for a reason of its own', { run: refusedBy('too-many-runs') }, { name: 'failed', started: false }],

  ['a budget that is too small', refusing, { name: 'refused-by-budget', refusing: refusing.offer.refusing }],
  ['pressed against such a budget', { ...refusing, pressed: true }, { name: 'refused-by-budget', refusing: refusing.offer.refusing }],
  ['refused by the server', { run: refusedBy('budget-exceeded', { budgets: [budget()], resetsAt: facts.now + 1 }) }, { name: 'refused-by-budget', refusing: [budget()] }],
  ['refused until now', { run: refusedBy('budget-exceeded', { budgets: [budget()], resetsAt: facts.now }) }, { name: 'off', standing: false }],

  ['turned off by policy', status('disabled'), { name: 'refused-by-policy' }],
  ['turned off since', { run: refusedBy('feature-disabled', { by: 'policy' }) }, { name: 'refused-by-policy' }],
  ['turned off, on a look-up', { ...status('disabled'), ...lookUp }, { name: 'absent', because: 'look-up' }],

  ['no connection', { online: false }, { name: 'offline', reason: 'device' }],
  ['no server', { ...status('unavailable'), ...noEstimate('unreachable') }, { name: 'offline', reason: 'server' }],
  ['no server at the press', { run: refusedBy('model-selector-unreachable') }, { name: 'offline', reason: 'server' }],

  ['a price that changed', { run: refusedBy('ceiling-exceeded', { estimate }) }, { name: 'price-changed', estimate }],

  ['nothing to be quoted, and more than was agreed to for an answer', { run: { ...refusedBy('ceiling-exceeded', { estimate })!, status: 'failed' } }, { name: 'unquoted', estimate }],

  ['no model, shown', { ...noEstimate('no-model'), showUnconfigured: true }, { name: 'no-model', reason: 'unconfigured' }],
  ['no model, in a product', noEstimate('no-model'), { name: 'absent', because: 'no-model' }],
  ['a level without a model, shown', { unconfigured: true, showUnconfigured: true }, { name: 'no-model', reason: 'unconfigured' }],
  ['a level without a model, in a product', { unconfigured: true }, { name: 'absent', because: 'no-model' }],
  ['a text that is too long', noEstimate('input-too-long'), { name: 'no-model', reason: 'input-too-long' }],
  ['observed only', { ...status('unavailable'), ...noEstimate('disabled') }, { name: 'absent', because: 'not-offered' }],
  ['unknown to the server', { ...status('unavailable'), ...noEstimate('unknown-feature') }, { name: 'absent', because: 'not-offered' }],

  ['hidden just now', { hidden: true, ...status('declined') }, { name: 'hidden' }],
  ['hidden with its answer', { hidden: true, ...run('completed') }, { name: 'hidden' }],
  ['declined before', status('declined'), { name: 'absent', because: 'declined' }],

  ['more was asked for than is left', { ...refusing, ...run('completed'), pressed: true }, { name: 'done', extractive: false, cut: false, refused: { name: 'refused-by-budget', refusing: refusing.offer.refusing } }],
  ['more was refused by the server', { ...run('completed', 'baseline'), refused: refusedBy('budget-exceeded', { budgets: [budget()] })!.error }, { name: 'done', extractive: true, cut: false, refused: { name: 'refused-by-budget', refusing: [budget()] } }],
  ['more would cost more than was said', { ...run('completed'), refused: refusedBy('ceiling-exceeded', { estimate })!.error }, { name: 'price-changed', estimate }],

  ['no AI at all', status('master-off'), { name: 'master-off' }],
  ['no AI at all, pressed', { ...status('master-off'), pressed: true, ...run('completed') }, { name: 'master-off' }],
  ['switched off by the person meanwhile', { run: refusedBy('feature-disabled', { by: 'person' }) }, { name: 'off', standing: false }],

  ['a look-up', lookUp, { name: 'absent', because: 'look-up' }],
  ['a look-up, its offer called for', { ...lookUp, called: true }, { name: 'off', standing: false }],
  ['declined before, its offer called for', { ...status('declined'), called: true }, { name: 'off', standing: false }],
  ['no AI at all, its offer called for', { ...status('master-off'), called: true }, { name: 'master-off' }],
  ['a look-up, not demoted', { ...lookUp, demote: false }, { name: 'off', standing: false }],
  ['a look-up under a standing opt-in', { ...lookUp, ...status('on') }, { name: 'off', standing: true }],
]

test.each(table)('%s', (_, change, state) => {
  expect(controlState({ ...facts, ...change })).toEqual(state)
})

describe('a press is confirmed', () => {
  const rules = { pays: false, askAt: 0.25, standing: false }
  test.each([
    ['not below a quarter of the allowance', offer, {}, false],
    ['from a quarter of the allowance', { ...offer, share: { ratio: 0.25, window: 'day' as const } }, {}, true],
    ['from where the host says', offer, { askAt: 0.02 }, true],
    ['when thinking longer', { ...offer, demand: { tier: 'max' as const, effort: 'high' as const }, estimate: { ...estimate, effort: 'high' as const } }, {}, true],
    ['not when its model cannot think', { ...offer, demand: { tier: 'max' as const, effort: 'high' as const } }, {}, false],
    ['when the person pays', offer, { pays: true }, true],
    ['not for what costs them nothing', { ...offer, estimate: { ...estimate, ceiling: { ...estimate.ceiling, usd: 0 } } }, { pays: true }, false],
    ['when what they pay is unknown', { ...offer, estimate: { ...estimate, ceiling: { ...estimate.ceiling, usd: null } } }, { pays: true }, true],
    ['not under a standing opt-in', { ...offer, share: { ratio: 0.5, window: 'day' as const } }, { pays: true, standing: true }, false],
    ['not for quotes', { ...offer, estimate: { ...estimate, tier: 'baseline' as const } }, { pays: true }, false],
    ['not where no line counts it', { ...offer, share: null }, {}, false],
  ])('%s', (_, offer, change, asks) => {
    expect(mustAsk(offer, { ...rules, ...change })).toBe(asks)
  })
})
