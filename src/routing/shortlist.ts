import { effortCaps, effortFits, inputBound, inputQuestion, lowestEffort, roundEffortDown, tierFits, tiers } from '../core/index.ts'
import type { Adequacy, Catalog, Ceiling, Effort, Mix, Need, ReachableFeature, ReachableModel, RunInput, Task, Tier } from '../core/index.ts'
import { ceilingAt, likelyInput, outputBound } from '../catalog/estimate.ts'
import { evidenceKey } from './adequacy.ts'
import type { Strengths } from './adequacy.ts'
import { difficultyOf } from './difficulty.ts'
import { mayBeLookUp } from './need.ts'
import { isGood, mixOf, rank } from './rank.ts'
import type { Candidate, Ranked, Weighing } from './rank.ts'

/** What budgets limit: a model whose figure in that is unknown is no candidate. */
export interface Limited {
  readonly moneyLimited?: boolean
  readonly energyLimited?: boolean
}

/** What a model is wanted for. */
export interface ChoiceDemand extends Limited {
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly need: Need
  readonly input: RunInput
  /** How likely a small model fails where a large one would not, 0 to 1. It breaks ties; it does not decide. @default what `difficultyOf` says of the question */
  readonly difficulty?: number
}

/** What is known when a choice is made. Without any of it, the catalog and the level asked for decide. */
export interface ChoiceKnowledge {
  /** How good the feature's models are, by `evidenceKey`: see `boundsOf`. @default what the catalog says */
  readonly adequacy?: Readonly<Record<string, Adequacy>>
  /** How strong they are, by `evidenceKey`, where that is otherwise than the catalog says. */
  readonly strengths?: Strengths
  /** Until when models are out of order, by `evidenceKey` without effort; milliseconds since 1970. */
  readonly outOfOrder?: Readonly<Record<string, number>>
  /** Milliseconds since 1970. Needed for what is out of order. */
  readonly now?: number
  /** What is left of the budgets: what cannot be paid comes last. */
  readonly available?: { readonly usd?: number; readonly wh?: number }
  /** What the person agreed to: nothing above it is tried out. */
  readonly ceiling?: Ceiling
  /** Drawn for this run, from 0 to below 1: decides whether something is tried out. Without it nothing is. */
  readonly draw?: number
  /** Whether this person's outcomes still teach something of a model, by `evidenceKey`: see `teaches`. Nothing is tried on them otherwise. @default they do */
  readonly teaches?: (key: string) => boolean
  /** Tokens of the input for a model, where its own tokeniser counts them. Asked only of models that may be too small for it. @default as estimated */
  readonly counted?: (model: string) => number | null
  /** The share of runs that may try what is not yet known, 0 to 1. @default what the catalog says */
  readonly explore?: number
  /** What costs are compared by. @default what the catalog says */
  readonly mix?: Mix
  /** The adequacy that a model ten times as dear must add to be worth it, where none is good enough. @default 0.05 */
  readonly worth?: number
}

/** Why a model stands where it does. */
export type ReasonCode = 'asked' | 'lookup' | 'unconfigured' | 'down' | 'cheapest' | 'below' | 'spared' | 'plain' | 'adequate' | 'nearest' | 'unjudged' | 'trial' | 'thinks'

/** A model that may serve, at what effort, and why. */
export interface Shortlisted {
  readonly model: ReachableModel
  readonly effort: Effort
  readonly codes: readonly ReasonCode[]
}

/** Adequacy that is good enough, unless the feature says otherwise. */
const defaultBar = 0.8
// A kilowatt-hour for a dollar: three to four times what a household pays, and so enough to tell two
// models of like price apart by their energy; and to decide alone where money is no question, as with
// one's own machine.
const defaultMix: Mix = { usd: 1, wh: 0.001 }
/** The share of trials, unless the host says otherwise: see `triedUntil`. */
const defaultExplore = 0.25
/** From the easiest to the hardest request, the bar and what a model must add move by this much. */
const leanOfDifficulty = 0.05
/** What `difficultyOf` says of some thirty words: about these nothing moves. */
const typicalDifficulty = 0.2

/**
 * Ranks what may serve a request, best first, never above the level asked for or the feature's own.
 * The level is an upper bound. Once a cheaper model is known to be good enough it serves the request;
 * while none is known, a person who asks for more gets a model of the level they asked for. The
 * extractive baseline serves where nothing generative is set up or in order, and, at the lowest level
 * and where there is something to quote, for look-ups and where people have found it good enough.
 * @returns nothing when nothing is set up that can do the task, or when none of it can hold the input: then `offeredTiers` has a level up to the one asked for
 */
export function shortlist(demand: ChoiceDemand, catalog: Catalog, given: ChoiceKnowledge = {}): readonly Shortlisted[] {
  const feature = Object.hasOwn(catalog.features, demand.feature) ? catalog.features[demand.feature] : undefined
  if (!feature) return []
  const knowledge = settled(given, catalog)
  const weighing = weighingOf(demand, feature, knowledge)
  const request = { feature, inputTokens: inputBound(demand.input, feature.overhead) }
  const extractive = catalog.models.filter(model => model.kind === 'extractive' && does(model, feature.task)).map(model => candidateOf(model, 'none', request, knowledge))
  const quotes = (code: ReasonCode, from = extractive) => from.map(each => listed(each, [code]))
  if (demand.tier === 'baseline') return quotes('asked')
  const setUp = generativeModels(feature, catalog, demand)
  const holding = holdingOf(setUp, feature, demand.input, knowledge.counted)
  // At the lowest level a look-up is answered with quotes; asking for more is the person's word against the rule's.
  const isLowest = setUp.some(({ tier }) => tier === demand.tier) && !holding.some(({ tier }) => tier !== demand.tier && tierFits(tier, demand.tier))
  const quotable = extractive.filter(({ model }) => hasSource(model, demand, feature))
  if (isLowest && quotable.length > 0 && demand.need === 'none') return quotes('lookup', quotable)
  const able = candidates(demand, request, holding, knowledge)
  if (able.length === 0) return setUp.some(({ tier }) => tierFits(tier, demand.tier)) ? [] : quotes('unconfigured')
  const generative = rank(able.filter(({ model }) => !isOutOfOrder(model, knowledge)), weighing)
  if (generative.length === 0) return quotes('down', quotable)
  const ranked = generative.map(each => listed(each, codesOf(each, demand)))
  return isLowest && quotable.some(each => isGood(each, weighing)) ? [...quotes('adequate', quotable), ...ranked] : ranked
}

/**
 * The lowest generative level that is set up for a feature, which is what an opt-in gets unless more is asked
 * for. With an input, the lowest that can hold it, where one can.
 */
export function lowestTier(feature: ReachableFeature, catalog: Catalog, limited: Limited = {}, input?: RunInput): Tier | null {
  const setUp = generativeModels(feature, catalog, limited)
  const holding = input ? holdingOf(setUp, feature, input) : setUp
  return tiersOf(holding)[0] ?? tiersOf(setUp)[0] ?? null
}

/** The generative levels that are set up for a feature, lowest first. */
export function offeredTiers(feature: ReachableFeature, catalog: Pick<Catalog, 'models'>, limited: Limited = {}): Tier[] {
  return tiersOf(generativeModels(feature, catalog, limited))
}

const tiersOf = (models: readonly ReachableModel[]): Tier[] => tiers.filter(tier => models.some(model => model.tier === tier))

/** What is offered before there is an input has room for one at least. */
const noInput: RunInput = { text: '' }

function generativeModels(feature: ReachableFeature, catalog: Pick<Catalog, 'models'>, { moneyLimited, energyLimited }: Limited): ReachableModel[] {
  return holdingOf(catalog.models.filter(model => model.kind === 'generative' && does(model, feature.task) && tierFits(model.tier, feature.tier)
    && !(moneyLimited && model.price === null) && !(energyLimited && model.energy === null)), feature, noInput)
}

/**
 * Those that can hold what an input likely is, at the high end, with all that may be written. Its bound will
 * not do: that is its bytes, four times the tokens that English comes to. But what its bytes fit needs no counting.
 */
function holdingOf(models: readonly ReachableModel[], feature: ReachableFeature, input: RunInput, counted?: ChoiceKnowledge['counted']): ReachableModel[] {
  const bound = inputBound(input, feature.overhead)
  return models.filter(model => {
    const room = (model.context ?? Infinity) - outputBound(feature, model)
    return bound <= room || likelyInput({ input, counted: counted?.(model.id) ?? null }, feature).high <= room
  })
}

/** The share of runs that may try what is not yet known. */
export const exploreOf = ({ explore }: ChoiceKnowledge, policy: Catalog['policy']): number => explore ?? policy.explore ?? defaultExplore

/** What is known, with what the catalog says where nobody else does. */
type Settled = ChoiceKnowledge & Required<Pick<ChoiceKnowledge, 'mix' | 'explore'>>

const settled = (given: ChoiceKnowledge, { policy }: Catalog): Settled =>
  ({ ...given, mix: given.mix ?? policy.mix ?? defaultMix, explore: exploreOf(given, policy) })

/** What every candidate is asked to do. */
interface Request {
  readonly feature: ReachableFeature
  /** Tokens that the input is at most. */
  readonly inputTokens: number
}

function candidates(demand: ChoiceDemand, request: Request, models: readonly ReachableModel[], knowledge: Settled): Candidate[] {
  const wanted = lowestEffort(demand.effort, request.feature.effort, effortCaps[demand.tier])
  return models.filter(model => tierFits(model.tier, demand.tier)).map(model => candidateOf(model, wanted, request, knowledge))
}

function candidateOf(model: ReachableModel, wanted: Effort, { feature, inputTokens }: Request, knowledge: Settled): Candidate {
  const effort = roundEffortDown(wanted, model.efforts)
  const ceiling = ceilingAt(model, inputTokens, outputBound(feature, model))
  return { model, effort, thinks: !effortFits(effort, wanted), ceiling, cost: mixOf(ceiling, knowledge.mix), ...knownOf(model, effort, feature, knowledge) }
}

/** What is known of a model at an effort; of one that nothing is known of, anything is possible. */
function knownOf({ provider, id: model, strength: stated }: ReachableModel, effort: Effort, feature: ReachableFeature, { adequacy = feature.adequacy ?? {}, strengths = {}, teaches = () => true }: ChoiceKnowledge): Pick<Candidate, 'adequacy' | 'strength' | 'teaches'> {
  const key = evidenceKey({ provider, model, effort })
  const strength = Object.hasOwn(strengths, key) ? strengths[key] ?? null : stated ?? null
  return { strength, teaches: teaches(key), adequacy: Object.hasOwn(adequacy, key) ? adequacy[key]! : unknownAdequacy }
}

const unknownAdequacy: Adequacy = { low: 0, mid: 0.5, high: 1, evidence: 0 }

function weighingOf(demand: ChoiceDemand, feature: ReachableFeature, knowledge: Settled): Weighing {
  const { available = {}, draw = 1, explore, worth = 0.05, ceiling: agreed } = knowledge
  const difficulty = demand.difficulty ?? (isTaught(feature, knowledge) ? difficultyAsked(demand.input) : typicalDifficulty)
  return {
    bar: feature.adequate ?? defaultBar, worth, lean: leanOfDifficulty * (difficulty - typicalDifficulty), explore, draw, agreed,
    available: { usd: available.usd ?? Infinity, wh: available.wh ?? Infinity },
  }
}

/** Of inputs that were read, for as long as they are there: a page asks at each keystroke for every level. */
const readBefore = new WeakMap<RunInput, { readonly question: string; readonly difficulty: number }>()

function difficultyAsked(input: RunInput): number {
  const question = inputQuestion(input)
  const before = readBefore.get(input)
  // Hosts may change an input in place.
  if (before?.question === question) return before.difficulty
  const difficulty = difficultyOf(question)
  readBefore.set(input, { question, difficulty })
  return difficulty
}

/** Where nothing was learned there are no ties to break, and the text need not be read. */
const isTaught = (feature: ReachableFeature, { adequacy = feature.adequacy ?? {} }: ChoiceKnowledge) => Object.keys(adequacy).length > 0

const isOutOfOrder = ({ provider, id: model }: ReachableModel, { outOfOrder = {}, now = 0 }: ChoiceKnowledge) => {
  const key = evidenceKey({ provider, model, effort: 'none' })
  return Object.hasOwn(outOfOrder, key) && now < outOfOrder[key]!
}

/**
 * Whether there is anything to quote: a question is answered from the text around it, which a conversation
 * and a question by itself have none of, unless the host looks elsewhere for this feature.
 */
export const hasSource = ({ informed = [] }: ReachableModel, { feature: name, input }: Pick<ChoiceDemand, 'feature' | 'input'>, { task }: Pick<ReachableFeature, 'task'>): boolean =>
  !mayBeLookUp(task) || 'query' in input || informed.includes(name)

const does = (model: ReachableModel, task: Task) => model.tasks === null || model.tasks.includes(task)

const listed = ({ model, effort }: Candidate, codes: readonly ReasonCode[]): Shortlisted => ({ model, effort, codes })

function codesOf({ thinks, grounds, model }: Ranked, { tier }: ChoiceDemand): ReasonCode[] {
  const why = grounds === 'standing' ? model.tier === tier ? 'cheapest' : 'below' : grounds
  if (!thinks) return [why]
  return grounds === 'standing' ? ['thinks'] : ['thinks', why]
}
