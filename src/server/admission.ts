import { ceilingCovers, CeilingExceededError, effortCaps, effortFits, FeatureDisabledError, BackgroundBlockedError, inputBound, longestInput, lowestEffort, optInGap, OptInRequiredError, SparingError, tierFits } from '../core/index.ts'
import type { Catalog, Ceiling, Choice, Effort, Estimate, Need, OptIn, OptInGap, OptInRequiredDetails, ReachableFeature, ReachableModel, RunInput, Tier, Trigger, Unit } from '../core/index.ts'
import { ceilingAt, likelyInput } from '../catalog/estimate.ts'
import { estimateWithin, withMaxOutput } from '../catalog/estimate-within.ts'
import { estimateRun } from '../catalog/index.ts'
import { choose, hasSource, mayBeLookUp, offeredTiers } from '../routing/index.ts'
import type { Limited, RankedChoice } from '../routing/index.ts'
import { modelName } from './health.ts'
import type { OutOfOrder } from './health.ts'
import type { InForce } from './policy.ts'
import { reasonOf } from './reasons.ts'
import type { TokenCounts } from './token-counts.ts'

/** What a client asks, in the right shape and otherwise unbelieved. */
export interface Ask {
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
  /** What this server takes it to need, which may be otherwise than a page took it. */
  readonly need: Need
}

export interface RunAsk extends Ask {
  readonly ceiling: Ceiling
  readonly optIn?: unknown
  readonly trigger: Trigger
  /** The host put this input in place of the person's: a longer one is no reason to ask them again. */
  readonly rewritten?: boolean
}

/** What this server knows when it decides, beside the request and the catalog. */
export interface Circumstances {
  readonly outOfOrder?: OutOfOrder
  /** Drawn for this run, from 0 to below 1: see `ChoiceKnowledge`. */
  readonly draw?: number
  /** Whether this person's outcomes still teach something of a model: see `ChoiceKnowledge`. */
  readonly teaches?: (key: string) => boolean
  readonly counts?: Pick<TokenCounts, 'of'>
}

/** What may serve a run, and what it would cost. */
export interface Offer {
  readonly model: ReachableModel
  readonly choice: Choice
  readonly estimate: Estimate
}

/** A run that may be made, as far as its own request goes: what serves it, and what it costs at most. */
export interface Admitted extends Offer {
  readonly feature: ReachableFeature
  /** What stands in where that fails before it says anything, best first. None costs more than the person agreed to. */
  readonly others: readonly Offer[]
  /** The most that the run may come to, whichever of its offers serves it: what is reserved. */
  readonly most: Ceiling
  readonly optIn: OptIn | null
  /** What could be written, for more than the person agreed to: what they are asked for where nothing quoted answers them. */
  readonly unagreed?: Estimate
  /** Tokens the input can be at most, with the prompt around it. */
  readonly inputTokens: number
}

/**
 * Decides on a run from the request, the configuration and the clock alone, before anything is
 * reserved.
 * @throws {SparingError} the first thing that stands against it
 */
export function admit(ask: RunAsk, catalog: Catalog, limited: ReadonlySet<Unit>, known: Circumstances & { readonly now: number }): Admitted {
  const feature = featureOf(ask, catalog)
  checkLevel(ask, feature)
  const optIn = checkOptIn(ask, known.now)
  checkTrigger(ask, feature)
  // Of two words of the person's the lower one binds.
  const bound = { ...ask, ceiling: optIn ? lower(ask.ceiling, optIn.ceiling) : ask.ceiling }
  // The person may have agreed to less output than the feature allows, never to more.
  const capped = withOutputCap(catalog, ask)
  const ranked = withWritten(rankedFor(ask, catalog, limited, known, bound.ceiling), ask, catalog, limited, known)
  const offered = (some: readonly RankedChoice[]) => some.map(choice => ask.rewritten && offerWithin(choice, bound, capped) || offerOf(choice, ask, capped))
  const fitting = (some: readonly Offer[]) => some.filter(({ estimate }) => ceilingCovers(bound.ceiling, estimate.ceiling))
  const lessened = () => optIn && optIn.scope !== 'once' ? ranked.flatMap(choice => offerWithin(choice, bound, capped) ?? []) : []
  const offers = offered(ranked)
  const ways = [() => fitting(offers), lessened, () => fitting(offered(quotesFor(ask, catalog)))]
  const [first, ...others] = firstOf(ways)
  if (!first) throw nothingFits(offers, optIn, bound.ceiling)
  const inputTokens = inputBound(ask.input, feature.overhead)
  const unagreed = unagreedOf(ask, offers, [first, ...others])
  return { ...counted(first, ask, capped, known.counts), others, feature, optIn, inputTokens, ...unagreed && { unagreed }, most: mostOf(first, others, inputTokens, bound.ceiling) }
}

/** What the first of several ways gives that gives anything. */
function firstOf<T>(ways: readonly (() => readonly T[])[]): readonly T[] {
  for (const way of ways) {
    const found = way()
    if (found.length > 0) return found
  }
  return []
}

/** The best that would be written for somebody who asked for more than quotes, where nothing within what they agreed to is. */
function unagreedOf({ tier }: RunAsk, offers: readonly Offer[], agreed: readonly Offer[]): Estimate | undefined {
  if (tier === 'baseline' || agreed.some(({ model }) => writes(model))) return undefined
  return offers.find(({ model }) => writes(model))?.estimate
}

/** For a look-up that nothing quoted answers: what would have been written, as far as the person agreed to that. */
function withWritten(ranked: readonly RankedChoice[], ask: RunAsk, catalog: Catalog, limited: ReadonlySet<Unit>, known: Circumstances): readonly RankedChoice[] {
  if (ask.need !== 'none' || ask.tier === 'baseline' || ranked.some(({ reachable }) => writes(reachable))) return ranked
  const written = rankedOf({ ...ask, need: 'generate' }, catalog, limited, known).filter(({ reachable }) => writes(reachable))
  return [...ranked, ...written.map(choice => ({ ...choice, need: ask.need }))]
}

const writes = ({ kind }: ReachableModel) => kind === 'generative'

/**
 * Quotes, where the person agreed to nothing else: their page took for a look-up what this server does
 * not, and showed what quotes cost. Where they agreed to pay, they are asked again.
 */
function quotesFor(ask: RunAsk, catalog: Catalog): readonly RankedChoice[] {
  const { task, structured } = catalog.features[ask.feature]!
  if (ask.ceiling.usd !== 0 || structured || !mayBeLookUp(task)) return []
  const quotes = choose({ ...ask, need: 'none' }, catalog).filter(({ reachable }) => !writes(reachable))
  return quotes.map(choice => ({ ...choice, need: ask.need, reasons: [reasonOf('agreed')] }))
}

/**
 * An offer that is made to fit by writing less, where that is little: for what the host's rewriting added
 * to the input, and for what has grown dearer since a standing opt-in was given.
 */
function offerWithin({ reachable: model, ...choice }: RankedChoice, ask: RunAsk, catalog: Catalog): Offer | null {
  const estimate = estimateWithin({ ...ask, effort: choice.effort }, model, catalog, ask.ceiling)
  return estimate && { model, choice, estimate }
}

function offerOf({ reachable: model, ...choice }: RankedChoice, ask: Ask, catalog: Catalog, count: number | null = null): Offer {
  return { model, choice, estimate: estimateRun({ ...ask, effort: choice.effort, counted: count }, model, catalog) }
}

/** An offer with its input counted, where somebody can: only for the one that is made, because counting takes time. */
function counted(offer: Offer, ask: Ask, catalog: Catalog, counts: Circumstances['counts']): Offer {
  const { choice, model, estimate: { ceiling } } = offer
  const count = model.kind === 'generative' ? counts?.of(ask.input, model.id) : null
  return count == null ? offer : offerOf({ ...choice, reachable: model }, ask, withMaxOutput(catalog, ask.feature, ceiling.outputTokens), count)
}

/**
 * The dearest of the offers, and the input of those that may fail before it, for as far as the person
 * agreed to that. What is unknown of one is unknown of all, or the ceiling would not have covered it.
 */
function mostOf(first: Offer, others: readonly Offer[], inputTokens: number, agreed: Ceiling): Ceiling {
  if (others.length === 0) return first.estimate.ceiling
  const offers = [first, ...others]
  const most = (unit: 'usd' | 'wh') => {
    const amounts = offers.map(({ estimate }) => estimate.ceiling[unit] ?? 0)
    const read = offers.slice(0, -1).reduce((sum, { model }) => sum + (ceilingAt(model, inputTokens, 0)[unit] ?? 0), 0)
    return agreed[unit] === null ? null : Math.min(agreed[unit], Math.max(...amounts) + read)
  }
  return { usd: most('usd'), wh: most('wh'), outputTokens: Math.max(...offers.map(({ estimate }) => estimate.ceiling.outputTokens)) }
}

/** The same run for no more than what serves it costs; only those stand in that cost no more either. */
export function withoutDearer(admitted: Admitted): Admitted {
  const most = admitted.estimate.ceiling
  return { ...admitted, most, others: admitted.others.filter(({ estimate }) => ceilingCovers(most, estimate.ceiling)) }
}

/**
 * The same run by the next of its offers of the same level that fits what is left. Nothing of another level is
 * taken without asking: whoever is refused is told which would fit.
 */
export function withinLeft(admitted: Admitted, fits: (admitted: Admitted) => boolean): Admitted | undefined {
  const { others, choice: { tier } } = admitted
  const next = others.map(({ choice, ...offer }, at) =>
    withoutDearer({ ...admitted, ...offer, choice: { ...choice, reasons: [...choice.reasons, reasonOf('left')] }, others: others.slice(at + 1) }))
  return next.find(each => each.choice.tier === tier && fits(each))
}

/** The server's own estimate, for a request that is not made yet. */
export function estimateFor(ask: Ask, catalog: Catalog, limited: ReadonlySet<Unit>, known: Circumstances = {}): Offer {
  const feature = featureOf(ask, catalog)
  checkLevel(ask, feature)
  return counted(offerOf(rankedFor(ask, catalog, limited, known)[0]!, ask, catalog), ask, catalog, known.counts)
}

/** @throws {SparingError} `no-model`; with `resetsAt` where there would be one and all are out of order; `input-too-long` where none can hold it */
function rankedFor(ask: Ask, catalog: Catalog, limited: ReadonlySet<Unit>, known: Circumstances, agreed?: Ceiling): readonly RankedChoice[] {
  const ranked = rankedOf(ask, catalog, limited, known, agreed)
  if (ranked.length > 0) return ranked
  const isSetUp = offeredTiers(catalog.features[ask.feature]!, catalog, neededUnder(limited)).some(tier => tierFits(tier, ask.tier))
  throw isSetUp ? tooLong(ask, catalog, known) : noModel(ask.feature)
}

/** What must be known of a model under these limits. */
export const neededUnder = (limited: ReadonlySet<Unit>): Limited => ({ moneyLimited: limited.has('usd'), energyLimited: limited.has('wh') || limited.has('gco2e') })

const countedBy = ({ input }: Ask, { counts }: Circumstances) => counts ? { counted: (model: string) => counts.of(input, model) } : {}

/** @throws {SparingError} `no-model` with `resetsAt` where there would be a choice and all are out of order */
function rankedOf(ask: Ask, catalog: Catalog, limited: ReadonlySet<Unit>, known: Circumstances, agreed?: Ceiling): readonly RankedChoice[] {
  const { outOfOrder = {}, draw, teaches } = known
  const { structured } = catalog.features[ask.feature]!
  const trial = draw !== undefined && agreed ? { draw, ceiling: agreed, ...teaches && { teaches } } : {}
  // What quotes gives no object.
  const models = structured ? catalog.models.filter(({ kind }) => kind === 'generative') : catalog.models
  const rank = (among: readonly ReachableModel[]) => choose({ ...ask, ...neededUnder(limited) }, { ...catalog, models: among }, { ...trial, ...countedBy(ask, known) })
  const ranked = rank(models)
  const down = ranked.filter(({ reachable }) => isDown(reachable, outOfOrder))
  if (down.length === 0) return ranked
  const [first, ...rest] = rank(models.filter(model => !isDown(model, outOfOrder)))
  const isMute = first && ask.tier !== 'baseline' && !writes(first.reachable) && !hasSource(first.reachable, ask, catalog.features[ask.feature]!)
  if (!first || isMute) throw allDown(ask.feature, Math.min(...down.map(({ reachable }) => outOfOrder[modelName(reachable)]!)))
  return modelName(first.reachable) === modelName(ranked[0]!.reachable) ? [first, ...rest] : [standingIn(first), ...rest]
}

const isDown = (model: ReachableModel, outOfOrder: OutOfOrder): boolean => Object.hasOwn(outOfOrder, modelName(model))

/** A choice that comes first only because what would come before it is out of order. */
function standingIn(choice: RankedChoice): RankedChoice {
  if (choice.reachable.kind === 'extractive') return { ...choice, reasons: [reasonOf('down')] }
  return { ...choice, reasons: [...choice.reasons, reasonOf('out-of-order')] }
}

/** No model holds it, though the feature would take it. */
function tooLong({ feature: name, tier, input }: Ask, { features, models }: Catalog, { counts }: Circumstances): SparingError {
  const feature = features[name]!
  const able = models.filter(model => writes(model) && tierFits(model.tier, tier) && (model.tasks === null || model.tasks.includes(feature.task)))
  const { id, context } = able.reduce((a, b) => (b.context ?? 0) > (a.context ?? 0) ? b : a)
  const longest = (context ?? 0) - feature.maxOutputTokens
  const length = likelyInput({ input, counted: counts?.of(input, id) ?? null }, feature).high
  return new SparingError('input-too-long', `The text is about ${length} tokens long with its instructions, and models of tier "${tier}" take ${longest} for "${name}". Nothing was spent; send a shorter text, or ask for a tier whose models take more.`, { length, longest, unit: 'tokens' })
}

const noModel = (feature: string) =>
  new SparingError('no-model', `No model is set up that can do "${feature}", or none whose cost is known where that is limited. Nothing was spent; the results without it still work.`, { again: false })

/** @param until when the first of them is asked again, milliseconds since 1970 */
export const allDown = (feature: string, until: number): SparingError =>
  new SparingError('no-model', `Every model that can do "${feature}" is out of order for now. Nothing was spent; try again later. The results without it still work.`, { resetsAt: Math.ceil(until) })

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
  malformed: 'What was sent as the opt-in is none: a record has id, feature, scope, tier, effort, ceiling, catalogVersion, at, lapsesAt, and as its origin control, settings or call.',
  feature: 'The opt-in is for another feature.',
  tier: 'The opt-in is for a lower tier.',
  effort: 'The opt-in is for less thinking.',
  ceiling: 'The run may cost more than the opt-in agreed to.',
  lapsed: 'The opt-in has lapsed, or is dated more than five minutes ahead of the server\'s clock.',
  revoked: 'The opt-in was taken back.',
}

/** What both of two ceilings allow: nothing of what only one of them knows. */
function lower(one: Ceiling, other: Ceiling): Ceiling {
  const least = (a: number | null, b: number | null) => a === b ? a : Math.min(a ?? 0, b ?? 0)
  return { usd: least(one.usd, other.usd), wh: least(one.wh, other.wh), outputTokens: Math.min(one.outputTokens, other.outputTokens) }
}

/**
 * @returns the opt-in that covers the run, or one that stands and covers it but for its ceiling, which
 * then binds; `null` at tier `baseline`, which needs none
 */
function checkOptIn({ feature, tier, effort, ceiling, optIn }: RunAsk, now: number): OptIn | null {
  if (tier === 'baseline') return null
  const gap = optInGap(optIn, { feature, tier, effort, ceiling }, now)
  if (gap && !(gap === 'ceiling' && (optIn as OptIn).scope !== 'once')) throw optInRequired({ gap })
  return optIn as OptIn
}

/**
 * What is said where no offer is within what was agreed to: ask anew, and of a standing opt-in why;
 * where it covers one that is more than was shown, only that is to be shown.
 */
function nothingFits(offers: readonly Offer[], optIn: OptIn | null, agreed: Ceiling): SparingError {
  const [{ estimate }] = offers as readonly [Offer, ...Offer[]]
  const covered = optIn && offers.find(offer => ceilingCovers(optIn.ceiling, offer.estimate.ceiling))
  if (!optIn || optIn.scope === 'once' || covered) return ceilingExceeded(covered?.estimate ?? estimate, agreed)
  const { usd, wh } = estimate.cost
  return optInRequired({ gap: 'ceiling', typical: { usd: usd?.mid ?? null, wh: wh?.mid ?? null }, agreed: optIn.ceiling, estimate })
}

export const optInRequired = (details: OptInRequiredDetails): OptInRequiredError =>
  new OptInRequiredError(`${gaps[details.gap]} Nothing was run or spent: show the person what it costs at most, and send their opt-in.`, details)

/** A level that is switched off is refused, and not served by a lower one: that is another offer. */
export function checkTierOn({ tier }: Pick<Ask, 'tier'>, { tiersOff }: InForce): void {
  if (tiersOff.has(tier)) throw new FeatureDisabledError(`Tier "${tier}" is switched off here, so nothing was run. Ask for another.`, { by: 'policy' })
}

/** Who agreed to no output at all agreed to quotes: what they are asked for next is a whole answer. */
const withOutputCap = (catalog: Catalog, { feature, ceiling }: RunAsk): Catalog => ceiling.outputTokens >= 1 ? withMaxOutput(catalog, feature, ceiling.outputTokens) : catalog

function ceilingExceeded(estimate: Estimate, agreed: Ceiling): CeilingExceededError {
  const { ceiling } = estimate
  // It may well cost less; but it is another model that answers, or quotes, and nobody was shown that.
  const wasUnknown = agreed.usd === null && ceiling.usd !== null || agreed.wh === null && ceiling.wh !== null
  const why = wasUnknown ? 'The person was shown a cost that nobody knows, and budgets here take only models whose cost is known.' : 'The run may now cost more than the person was shown.'
  return new CeilingExceededError(`${why} Nothing was spent: show the new estimate and ask again.`, { estimate })
}
