import { ceilingCovers, CeilingExceededError, effortCaps, effortFits, FeatureDisabledError, BackgroundBlockedError, inputBound, longestInput, lowestEffort, optInGap, OptInRequiredError, SparingError, tierFits } from '../core/index.ts'
import type { Catalog, Ceiling, Choice, Effort, Estimate, Need, OptIn, OptInGap, ReachableFeature, ReachableModel, RunInput, Tier, Trigger, Unit } from '../core/index.ts'
import { estimateRun } from '../catalog/index.ts'
import { choose, needOf } from '../routing/index.ts'
import type { RankedChoice } from '../routing/index.ts'
import type { InForce } from './policy.ts'

/** What a client asks, in the right shape and otherwise unbelieved. */
export interface Ask {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
  /** Where it is known, because a program asks for a model's answer and for nothing else. @default what the input reads like */
  readonly need?: Need
}

export interface RunAsk extends Ask {
  readonly ceiling: Ceiling
  readonly optIn?: unknown
  readonly trigger: Trigger
}

/** A run that may be made, as far as its own request goes: what serves it, and what it costs at most. */
export interface Admitted {
  readonly feature: ReachableFeature
  readonly model: ReachableModel
  readonly choice: Choice
  readonly estimate: Estimate
  readonly optIn: OptIn | null
  /** Tokens the input can be at most, with the prompt around it. */
  readonly inputTokens: number
}

/**
 * Decides on a run from the request, the configuration and the clock alone, before anything is
 * reserved.
 * @throws {SparingError} the first thing that stands against it
 */
export function admit(ask: RunAsk, catalog: Catalog, limited: ReadonlySet<Unit>, now: number): Admitted {
  const feature = featureOf(ask, catalog)
  checkLevel(ask, feature)
  const optIn = checkOptIn(ask, now)
  checkTrigger(ask, feature)
  const ranked = rankedFor(ask, catalog, limited)
  // The person may have agreed to less output than the feature allows, never to more.
  const capped = withOutputCap(catalog, ask)
  const offers = ranked.map(choice => ({ choice, estimate: estimateRun({ ...ask, effort: choice.effort }, choice.reachable, capped) }))
  const fitting = offers.find(({ estimate }) => ceilingCovers(ask.ceiling, estimate.ceiling))
  if (!fitting) throw ceilingExceeded(offers[0]!.estimate)
  const { reachable: model, ...choice } = fitting.choice
  return { feature, model, choice, optIn, estimate: fitting.estimate, inputTokens: inputBound(ask.input, feature.overhead) }
}

/** The server's own estimate, for a request that is not made yet. */
export function estimateFor(ask: Ask, catalog: Catalog, limited: ReadonlySet<Unit>): { estimate: Estimate; choice: Choice } {
  const feature = featureOf(ask, catalog)
  checkLevel(ask, feature)
  const { reachable, ...choice } = rankedFor(ask, catalog, limited)[0]!
  return { choice, estimate: estimateRun({ ...ask, effort: choice.effort }, reachable, catalog) }
}

function rankedFor(ask: Ask, catalog: Catalog, limited: ReadonlySet<Unit>): readonly RankedChoice[] {
  const need = ask.need ?? needOf(catalog.features[ask.feature]!.task, ask.input)
  const ranked = choose({ ...ask, need, moneyLimited: limited.has('usd'), energyLimited: limited.has('wh') || limited.has('gco2e') }, catalog)
  if (ranked.length > 0) return ranked
  throw new SparingError('no-model', `No model is set up that can do "${ask.feature}", or none whose cost is known where that is limited. Nothing was spent; the results without it still work.`)
}

function featureOf({ feature: name, input, tier }: Ask, { features }: Catalog): ReachableFeature {
  const feature = Object.hasOwn(features, name) ? features[name] : undefined
  if (!feature) throw new SparingError('unknown-feature', `There is no feature "${name}" here. Declare it with defineFeatures on the server.`)
  if (feature.mode === 'off' || (feature.mode === 'observe' && tier !== 'baseline')) {
    throw new FeatureDisabledError(`"${name}" is turned off here, so nothing was run. The results without it still work.`, { by: 'policy' })
  }
  const length = inputBound(input, 0)
  const longest = longestInput(feature.maxInputTokens)
  if (length > longest) throw new SparingError('input-too-long', `The text is ${length} bytes long and "${name}" takes ${longest}. Nothing was spent; send a shorter text.`, { length, longest })
  return feature
}

function checkLevel({ feature: name, tier, effort }: Ask, feature: ReachableFeature): void {
  if (!tierFits(tier, feature.tier)) throw new SparingError('tier-not-allowed', `"${name}" may run at "${feature.tier}" at most, not at "${tier}". Ask for a lower tier.`, { tier: feature.tier })
  const most = lowestEffort(feature.effort, effortCaps[tier])
  if (!effortFits(effort, most)) throw new SparingError('tier-not-allowed', `"${name}" may think at effort "${most}" at most at tier "${tier}", not "${effort}". Ask for less.`, { effort: most })
}

function checkTrigger({ feature: name, trigger, tier }: RunAsk, feature: ReachableFeature): void {
  if (tier === 'baseline' || trigger === 'user' || feature.background) return
  throw new BackgroundBlockedError(`"${name}" runs only when a person asks for it, and this run says nobody did. Start it from a click, or allow "background" in the feature.`)
}

const gaps: Record<OptInGap, string> = {
  missing: 'Nobody opted in to it.',
  malformed: 'What was sent as the opt-in is none.',
  feature: 'The opt-in is for another feature.',
  tier: 'The opt-in is for a lower tier.',
  effort: 'The opt-in is for less thinking.',
  ceiling: 'The run may cost more than the opt-in agreed to.',
  lapsed: 'The opt-in has lapsed.',
  revoked: 'The opt-in was taken back.',
}

/** @returns the opt-in that covers the run; `null` at tier `baseline`, which needs none */
function checkOptIn({ feature, tier, effort, ceiling, optIn }: RunAsk, now: number): OptIn | null {
  if (tier === 'baseline') return null
  const gap = optInGap(optIn, { feature, tier, effort, ceiling }, now)
  if (gap) throw optInRequired({ gap })
  return optIn as OptIn
}

export const optInRequired = (details: { gap: OptInGap; since?: number }): OptInRequiredError =>
  new OptInRequiredError(`${gaps[details.gap]} Nothing was run or spent: show the person what it costs at most, and send their opt-in.`, details)

/** A level that is switched off is refused, and not served by a lower one: that is another offer. */
export function checkTierOn({ tier }: Pick<Ask, 'tier'>, { tiersOff }: InForce): void {
  if (tiersOff.has(tier)) throw new FeatureDisabledError(`Tier "${tier}" is switched off here, so nothing was run. Ask for another.`, { by: 'policy' })
}

function withOutputCap(catalog: Catalog, { feature: name, ceiling }: RunAsk): Catalog {
  const feature = catalog.features[name]!
  const maxOutputTokens = Math.min(feature.maxOutputTokens, Math.max(1, ceiling.outputTokens))
  return maxOutputTokens === feature.maxOutputTokens ? catalog : { ...catalog, features: { ...catalog.features, [name]: { ...feature, maxOutputTokens } } }
}

const ceilingExceeded = (estimate: Estimate) => new CeilingExceededError('The run may now cost more than the person was shown. Nothing was spent: show the new estimate and ask again.', { estimate })
