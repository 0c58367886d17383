import type { Input, RunState } from '../client/index.ts'
import type { OptIn, OptInScope, Tier } from '../core/index.ts'
import type { HintFacts } from './hint.ts'
import { isReady, mustAsk, pricedOffer } from './offer.ts'
import type { Offer, ReadyOffer } from './offer.ts'
import type { Sparing } from './provider.tsx'
import type { useOwnRun } from './use-own-run.ts'
import { levelOf, levelsBelow } from './use-offers.ts'

/** What a person did with an answer. */
export type Outcome = { readonly run: string } & (
  | { readonly outcome: 'kept' | 'dismissed' | 'escalated' }
  | { readonly outcome: 'rated'; readonly enough: boolean }
)

/** What the person did that is not a run. */
export type Act = { readonly input: Input } & (
  /** Without an offer: for the level on screen, once its figure is there. */
  | { readonly kind: 'pressed'; readonly offer: Offer | null }
  /** Pressed, and refused where an answer stands, which stays. */
  | { readonly kind: 'refused'; readonly offer: ReadyOffer; readonly run: RunState }
  | { readonly kind: 'called' }
  | { readonly kind: 'hidden'; readonly restore: OptIn | undefined }
)

/** What may be done with a control. What comes too soon after a change was meant for what was there before, and does nothing. */
export interface ControlActions {
  /** Asks for a level; by default for the one on screen. */
  readonly press: (offer?: Offer) => void
  readonly confirm: () => void
  readonly cancel: () => void
  readonly stop: () => void
  /** Stops a run that still thinks, and answers without at once: `plainOffer`, whose price its button shows. */
  readonly answerNow: () => void
  /** Brings the offer into a page that makes none, or leads to what is there already. */
  readonly call: () => void
  readonly hide: () => void
  readonly undo: () => void
  readonly always: (scope: OptInScope) => void
  readonly optOut: () => void
  readonly rate: (enough: boolean) => void
  readonly showWhenFinished: () => void
}

export interface ActionFacts extends HintFacts {
  readonly sparing: Sparing
  readonly feature: string
  readonly input: Input
  readonly act: Act | null
  readonly setAct: (act: Act | null) => void
  readonly own: ReturnType<typeof useOwnRun>
  readonly unsettled: () => boolean
  readonly setDeferred: (deferred: boolean) => void
  /** Leads the keyboard to the control's box, once it is there. */
  readonly attend: () => void
  /** Who is told in place of the server; `null` is nobody. */
  readonly onOutcome: ((outcome: Outcome) => void) | null | undefined
}

/** The acts of a control in its present state. `runByItself` is a standing opt-in's. */
export function actionsOf(facts: ActionFacts): ControlActions & { readonly runByItself: () => void } {
  const { state, offers, change, run, own, setAct, setDeferred } = facts
  const settled = <A extends unknown[]>(action: (...args: A) => void) => (...args: A) => {
    if (!facts.unsettled()) action(...args)
  }
  const confirmed = state.name === 'asking' ? state.offer : change?.now
  return {
    press: settled(offer => press(facts, offer)),
    confirm: settled(() => confirmed && start(facts, confirmed)),
    cancel: settled(() => {
      setAct(null)
      if (run?.status === 'refused' || state.name === 'unquoted') own.begin(null)
    }),
    stop: settled(() => own.run?.abort()),
    answerNow: settled(() => answerNow(facts)),
    call: () => {
      // Where there is nothing to be had, calling brings nothing.
      if (state.name === 'absent' && !['look-up', 'declined'].includes(state.because)) return
      if (state.name === 'absent') setAct({ kind: 'called', input: facts.input })
      facts.attend()
    },
    showWhenFinished: settled(() => setDeferred(true)),
    runByItself: () => isReady(offers.main) && start(facts, offers.main),
    rate: enough => run && tell(facts, { run: run.id, outcome: 'rated', enough }),
    ...permissionsOf(facts, settled),
  }
}

type Settled = <A extends unknown[]>(action: (...args: A) => void) => (...args: A) => void

/** The acts that last: what is declined, undone, and agreed to for later. */
function permissionsOf(facts: ActionFacts, settled: Settled): Pick<ControlActions, 'hide' | 'undo' | 'always' | 'optOut'> {
  const { sparing: { ai }, feature, input, run, act, setAct } = facts
  return {
    hide: settled(() => {
      report(facts, 'dismissed')
      setAct({ kind: 'hidden', input, restore: ai.optIns.getState().records.find(record => record.feature === feature) })
      ai.decline(feature)
    }),
    undo: settled(() => {
      const restore = act?.kind === 'hidden' ? act.restore : undefined
      setAct(null)
      ai.undecline(feature)
      if (restore) ai.optIn(feature, { scope: restore.scope, tier: restore.tier, effort: restore.effort, origin: 'control' })
    }),
    always: settled(scope => {
      ai.optIn(feature, { scope, origin: 'control', ...run && { tier: run.tier, effort: run.effort } })
      report(facts, 'kept')
    }),
    optOut: settled(() => ai.optOut(feature)),
  }
}

function report(facts: ActionFacts, outcome: 'kept' | 'dismissed' | 'escalated'): void {
  const { state, run } = facts
  if (state.name === 'done' && run) tell(facts, { run: run.id, outcome })
}

function tell({ onOutcome, sparing: { ai } }: ActionFacts, outcome: Outcome): void {
  const { run, ...feedback } = outcome
  if (onOutcome) onOutcome(outcome)
  else if (onOutcome === undefined) ai.report(run, feedback)
}

function press(facts: ActionFacts, wanted: Offer = facts.offers.main): void {
  const { state, sparing, input, offers: { main, status }, setAct } = facts
  if (state.name === 'done') report(facts, 'escalated')
  const unanswerable = !isReady(wanted) || state.name === 'offline' || wanted.refusing.length > 0 || isUnconfigured(wanted, status.tiers)
  if (unanswerable || mustAsk(wanted, { ...sparing, standing: status.state === 'on' && wanted === main })) {
    setAct({ kind: 'pressed', input, offer: isReady(wanted) ? wanted : null })
  } else {
    start(facts, wanted)
  }
}

function answerNow(facts: ActionFacts): void {
  const offer = plainOffer(facts)
  if (!offer) return
  facts.own.run?.abort()
  start(facts, offer)
}

/** A press is an act of its own; where a standing opt-in covers the run, that is the act, and the receipt names it. */
function start({ sparing: { ai }, feature, input, offers: { main, status }, own, setAct, setDeferred }: ActionFacts, offer: ReadyOffer): void {
  const { estimate, demand: { effort } } = offer
  const standing = status.state === 'on' && offer === main
  const needsAct = !standing && estimate.tier !== 'baseline'
  setAct(null)
  setDeferred(false)
  own.begin(ai.run(feature, { input, estimate, trigger: 'user', tier: estimate.tier, effort, ...needsAct && { optIn: 'once' } }),
    run => setAct({ kind: 'refused', input, offer, run }))
}

/** Where nothing generative is set up the lowest level is served by quotes; any other level has no model. */
export function isUnconfigured({ demand: { tier } }: Offer, offered: readonly Tier[]): boolean {
  if (tier === undefined || tier === 'baseline') return false
  return !offered.includes(tier) && !(offered.length === 0 && tier === 'eco')
}

/**
 * While a run thinks, what answers at once instead: its own level without thinking, else the next one
 * below that fits beside what is set aside for the thinking.
 */
export function plainOffer({ run, offers, sparing: { ai }, input }: Pick<ActionFacts, 'run' | 'offers' | 'sparing' | 'input'>): ReadyOffer | null {
  if (run?.status !== 'thinking' || run.effort === 'none') return null
  const levels = [levelOf(offers, run.tier), ...levelsBelow(offers, run.tier).toReversed()].filter(isReady)
  // Figures may be held still; what is left of the allowance is not.
  const fits = ({ demand, estimate }: ReadyOffer) => pricedOffer(ai, input, demand, estimate).refusing.length === 0
  return levels.find(offer => offer.estimate.effort === 'none' && fits(offer)) ?? null
}

/** The level to try again: that of the run which ended. */
export const againOffer = ({ run, offers }: { run: RunState | null; offers: HintFacts['offers'] }): Offer =>
  (run && run.effort === 'none' ? levelOf(offers, run.tier) : null) ?? offers.main
