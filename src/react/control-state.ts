import type { FeatureStatus, RunState } from '../client/index.ts'
import type { Budget, BudgetNotice, Estimate, Need, SparingError } from '../core/index.ts'
import { isReady, newEstimateOf } from './offer.ts'
import type { Offer, ReadyOffer } from './offer.ts'

/** What a person sees of a feature: UX.md's states, and `absent` where nothing is to be seen. */
export type ControlState =
  | { readonly name: 'off'; readonly standing: boolean }
  /** `waiting`: the press is there, the figure is not. */
  | { readonly name: 'estimating'; readonly waiting: boolean }
  | { readonly name: 'asking'; readonly offer: ReadyOffer }
  | { readonly name: 'running'; readonly thinking: boolean }
  /** `cut`: it reached the most it may cost. `refused`: what came of asking for more, for which the answer stays. */
  | { readonly name: 'done'; readonly extractive: boolean; readonly cut: boolean; readonly refused?: ControlState }
  | { readonly name: 'stopped' }
  /** `started: false`: nothing was spent. */
  | { readonly name: 'failed'; readonly started: boolean }
  | { readonly name: 'refused-by-budget'; readonly refusing: readonly (Budget | BudgetNotice)[] }
  | { readonly name: 'refused-by-policy' }
  | { readonly name: 'offline'; readonly reason: 'device' | 'server' }
  | { readonly name: 'price-changed'; readonly estimate: Estimate }
  /** It was looked up, and nothing quoted answers it; writing an answer would take more than was agreed to. */
  | { readonly name: 'unquoted'; readonly estimate: Estimate }
  | { readonly name: 'no-model'; readonly reason: 'unconfigured' | 'input-too-long' }
  | { readonly name: 'hidden' }
  | { readonly name: 'master-off' }
  | { readonly name: 'absent'; readonly because: 'look-up' | 'declined' | 'not-offered' | 'no-model' }

/** All that the state goes by. */
export interface ControlFacts {
  /** `false` on the server and while hydrating: nothing is known yet. */
  readonly ready: boolean
  readonly online: boolean
  readonly status: FeatureStatus
  /** The level that is pressed for, or would be. */
  readonly offer: Offer
  /** The press is there and was not answered with a run: it waits, or must be confirmed. */
  readonly pressed: boolean
  /** The tools menu was asked for the offer, where the page makes none. */
  readonly called: boolean
  /** "Hide" was pressed here, and may be undone here. */
  readonly hidden: boolean
  readonly run: Pick<RunState, 'status' | 'error' | 'choice'> | null
  /** Why a run after the one shown was refused. */
  readonly refused?: SparingError | null
  readonly need: Need
  /** Whether a look-up takes the offer out of the page. */
  readonly demote: boolean
  /** Whether the level that is asked for has no model of its own. */
  readonly unconfigured: boolean
  /** Whether people are told so. */
  readonly showUnconfigured: boolean
  readonly now: number
}

/** Which state a control is in. Pure: everything that decides is in the facts. */
export function controlState(facts: ControlFacts): ControlState {
  const { ready, status, hidden, run, called } = facts
  if (!ready) return { name: 'off', standing: false }
  if (status.state === 'master-off') return { name: 'master-off' }
  if (hidden) return { name: 'hidden' }
  if (run && isActive(run)) return { name: 'running', thinking: run.status === 'thinking' }
  const asked = askedState(facts)
  if (run && isAnswer(run)) return asked && isOpen(asked) ? asked : { ...doneState(run), ...asked && { refused: asked } }
  return asked ?? (run && endState(run, facts)) ?? offerState(called ? wanted(facts) : facts)
}

/** Who asks for it is offered it whatever the text reads like, and whatever was declined before. */
const wanted = (facts: ControlFacts): ControlFacts =>
  ({ ...facts, demote: false, status: facts.status.state === 'declined' ? { ...facts.status, state: 'off' } : facts.status })

export const isActive = ({ status }: Pick<RunState, 'status'>): boolean => ['starting', 'thinking', 'writing'].includes(status)

/** Whether a run came to its end, which is an answer though it may have no words. */
export const isAnswer = ({ status }: Pick<RunState, 'status'>): boolean => ['completed', 'ceiling'].includes(status)

/** Whether a press still waits for something: a figure, or a word. */
const isOpen = ({ name }: ControlState): boolean => ['estimating', 'asking', 'price-changed'].includes(name)

/** What a press came to that no run shown answers. */
function askedState(facts: ControlFacts): ControlState | null {
  if (facts.pressed) return pressedState(facts)
  return facts.refused ? refusedState(facts.refused, facts) : null
}

/** A press that was not answered with a run: it waits, or must be confirmed. */
function pressedState(facts: ControlFacts): ControlState {
  const state = offerState(wanted(facts))
  if (state.name === 'estimating') return { name: 'estimating', waiting: true }
  return state.name === 'off' && isReady(facts.offer) ? { name: 'asking', offer: facts.offer } : state
}

/** What is offered while nothing has run. */
function offerState({ online, status, offer, need, demote, unconfigured, showUnconfigured }: ControlFacts): ControlState {
  const standing = status.state === 'on'
  if (status.state === 'declined') return { name: 'absent', because: 'declined' }
  if (need === 'none' && demote && !standing) return { name: 'absent', because: 'look-up' }
  if (status.state === 'disabled') return { name: 'refused-by-policy' }
  if (!online) return { name: 'offline', reason: 'device' }
  if (status.state === 'loading' || offer.estimate.status === 'loading') return { name: 'estimating', waiting: false }
  if (offer.estimate.status === 'unavailable') return unavailableState(offer.estimate.reason, showUnconfigured)
  if (unconfigured) return unavailableState('no-model', showUnconfigured)
  return offer.refusing.length > 0 ? { name: 'refused-by-budget', refusing: offer.refusing } : { name: 'off', standing }
}

function unavailableState(reason: string, showUnconfigured: boolean): ControlState {
  if (reason === 'unreachable') return { name: 'offline', reason: 'server' }
  if (reason === 'input-too-long') return { name: 'no-model', reason }
  if (reason !== 'no-model') return { name: 'absent', because: 'not-offered' }
  return showUnconfigured ? { name: 'no-model', reason: 'unconfigured' } : { name: 'absent', because: reason }
}

/** What a run came to; `null` where it leaves no trace. */
function endState(run: NonNullable<ControlFacts['run']>, facts: ControlFacts): ControlState | null {
  switch (run.status) {
    case 'aborted': return { name: 'stopped' }
    case 'refused': return refusedState(run.error, facts)
    default: return failedState(run.error)
  }
}

/** A run that was made comes back with a new estimate only where it was looked up and nothing was found to be quoted. */
function failedState(error: SparingError | null): ControlState {
  const estimate = newEstimateOf(error)
  return estimate ? { name: 'unquoted', estimate } : { name: 'failed', started: true }
}

function doneState({ choice, status }: Pick<RunState, 'choice' | 'status'>): Extract<ControlState, { name: 'done' }> {
  const extractive = choice?.tier === 'baseline'
  return { name: 'done', extractive, cut: status === 'ceiling' && !extractive }
}

function refusedState(error: SparingError | null, facts: ControlFacts): ControlState | null {
  const estimate = newEstimateOf(error)
  if (estimate) return { name: 'price-changed', estimate }
  switch (error?.code) {
    case 'budget-exceeded': return exceededState(error, facts.now)
    case 'opt-in-required': return pressedState(facts)
    case 'feature-disabled': return error.details['by'] === 'person' ? null : { name: 'refused-by-policy' }
    case 'model-selector-unreachable': return { name: 'offline', reason: facts.online ? 'server' : 'device' }
    case 'no-model':
    case 'input-too-long': return unavailableState(error.code, true)
    default: return { name: 'failed', started: false }
  }
}

/** A refusal holds until what refused begins anew. */
function exceededState(error: SparingError, now: number): ControlState | null {
  const { budgets: refusing = [], resetsAt = null } = error as unknown as { budgets?: readonly (Budget | BudgetNotice)[]; resetsAt?: number | null }
  return resetsAt !== null && resetsAt <= now ? null : { name: 'refused-by-budget', refusing }
}
