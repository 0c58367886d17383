import { addRanges, effortFits, exactly, isAmount, isTier, multiplyRanges, scaleRange } from '../core/index.ts'
import type { Effort, Range, ReachableFeature, ReachableModel, Receipt, Tier } from '../core/index.ts'
import { levelsOf } from './calibration.ts'
import { isMetered, meteredProfile, observeMeter } from './meter.ts'
import type { MeterReading, MeterSketch } from './meter.ts'
import { answerPrior, countPrior, pacePrior, reasoningPrior, reasoningShare } from './priors.ts'
import { coverageReports, isRecordOf, isScores, mostModels, noScores, spreadIn, spreadsOf, withScores } from './scores.ts'
import type { FeatureCoverage, ScoredRun, ScoredUnit, Scores } from './scores.ts'
import { isSketch, likelyRange, observe } from './sketch.ts'
import type { Evidence, Levels, Prior, Sketch } from './sketch.ts'

/**
 * What a feature's runs taught: a document that is read, changed and written back as a whole. It has
 * no word of a prompt or an answer in it, and nobody's name.
 */
export interface FeatureLessons extends Scores {
  /** By model, the ones used last at the end. */
  readonly models: Readonly<Record<string, ModelLengths>>
  /** Tokens of input that each thousand estimated ones came to. */
  readonly count: Sketch
}

/** Tokens of a model's output by effort: all of it, and what of it was reasoning. */
export interface ModelLengths {
  readonly tier: Tier
  readonly output: ByEffort<Sketch>
  readonly reasoning: ByEffort<Sketch>
}

type ByEffort<T> = { readonly [E in Effort]?: T }

/**
 * How fast a model was, whatever the feature: milliseconds to the first token, and microseconds of
 * each; and what it drew, where its upstream has a meter.
 */
export interface ModelLessons {
  readonly first: Sketch
  readonly each: Sketch
  readonly meter?: MeterSketch
  /** When it was read last, milliseconds since 1970. */
  readonly meteredAt?: number
}

/** A run that ended, as its receipt has it, and what else was measured of it. */
export interface SettledRun extends ScoredRun {
  readonly receipt: ScoredRun['receipt'] & Pick<Receipt, 'at'>
  /** Tokens of input as they were estimated, before any correction. */
  readonly estimatedInput?: number
  /** What the meter showed, and what was modelled for the same tokens. */
  readonly meter?: MeterReading
  /** Other calls came before the one that served it: no range was made for all of that, so none is scored. */
  readonly hadOthers?: boolean
}

export const noLessons: FeatureLessons = { models: {}, count: [], ...noScores }
export const newModel: ModelLessons = { first: [], each: [] }

/** Whether a value is a feature's lessons: for what storage hands over. */
export function isFeatureLessons(value: unknown): value is FeatureLessons {
  const { models, count, ...scores } = (value ?? {}) as Record<keyof FeatureLessons, unknown>
  return isRecordOf(models, isModelLengths) && isSketch(count) && isScores(scores)
}

function isModelLengths(value: unknown): value is ModelLengths {
  const { tier, output, reasoning } = (value ?? {}) as Record<keyof ModelLengths, unknown>
  return isTier(tier) && isRecordOf(output, isSketch) && isRecordOf(reasoning, isSketch)
}

/** Whether a value is a model's lessons: for what storage hands over. */
export function isModelLessons(value: unknown): value is ModelLessons {
  const { first, each, meter = [], meteredAt = 0 } = (value ?? {}) as Record<keyof ModelLessons, unknown>
  return isSketch(first) && isSketch(each) && isSketch(meter) && isAmount(meteredAt)
}

/**
 * What a feature's lessons are after one more run. What the ceiling cut would have been at least that
 * long, and so would what a person stopped, which is scored by nothing. A failed run teaches nothing.
 */
export function learnRun(lessons: FeatureLessons, run: SettledRun): FeatureLessons {
  const { status, choice } = run.receipt
  if (!isTelling(run)) return lessons
  const { [choice.model]: known, ...others } = lessons.models
  const mine = withLengths(known ?? { tier: choice.tier, output: {}, reasoning: {} }, run)
  const models = Object.fromEntries([...Object.entries(others).slice(1 - mostModels), [choice.model, mine]])
  const { coverage, scores } = lessons
  return { models, count: withCount(lessons.count, run), ...status === 'aborted' || run.hadOthers ? { coverage, ...scores && { scores } } : withScores(lessons, run) }
}

/** What a model's lessons are after one more run. */
export function learnModel(lessons: ModelLessons, run: SettledRun): ModelLessons {
  return isTelling(run) ? withMeter(withPace(lessons, run), run) : lessons
}

function withPace(lessons: ModelLessons, { seconds, receipt: { usage } }: SettledRun): ModelLessons {
  if (!seconds) return lessons
  const first = seconds.first ?? 0
  return {
    ...lessons,
    first: seconds.first === null ? lessons.first : observe(lessons.first, seconds.first * 1e3),
    each: observe(lessons.each, Math.max(0, seconds.total - first) * 1e6 / usage.output),
  }
}

const withMeter = (lessons: ModelLessons, { meter, receipt: { at } }: SettledRun): ModelLessons =>
  meter ? { ...lessons, meter: observeMeter(rememberedAt(at, lessons), meter), meteredAt: at } : lessons

/** Milliseconds after which nobody goes by a meter that was not read since. */
const meterLife = 7 * 86_400_000

/**
 * What of the meter still counts. A model whose ceiling it put above every allowance is run by nobody, so
 * that no run could ever show that it draws less by now: with time it is tried again, as it is configured.
 */
const rememberedAt = (now: number, { meter = [], meteredAt = now }: ModelLessons): MeterSketch => Math.abs(now - meteredAt) >= meterLife ? [] : meter

/** Whether it was a model's own doing from which something can be learned. */
function isTelling({ receipt: { status, choice, usage } }: SettledRun): boolean {
  return ['completed', 'ceiling', 'aborted'].includes(status) && choice.tier !== 'baseline' && usage.source !== 'assumed' && usage.output > 0
}

function withLengths(known: ModelLengths, { receipt: { status, choice: { effort }, usage } }: SettledRun): ModelLengths {
  const cut = status !== 'completed'
  const output = { ...known.output, [effort]: observe(known.output[effort] ?? [], usage.output, cut) }
  if (effort === 'none') return { ...known, output }
  return { ...known, output, reasoning: { ...known.reasoning, [effort]: observe(known.reasoning[effort] ?? [], usage.reasoning, cut && usage.reasoning === usage.output) } }
}

function withCount(count: Sketch, { receipt: { usage }, estimatedInput = 0 }: SettledRun): Sketch {
  // What a server counted itself, by that same estimate, would confirm it.
  const isKnown = usage.source === 'reported' && usage.input > 0 && estimatedInput > 0
  return isKnown ? observe(count, thousand * usage.input / estimatedInput) : count
}

const thousand = 1_000

/** What the catalog says of a feature beyond its configuration. */
export type Learned = Pick<ReachableFeature, 'lengths' | 'count' | 'spread'>

/** What a feature's lessons come to, for the models that can be reached now; nothing where there are none. */
export function learnedOf(feature: ReachableFeature, lessons: FeatureLessons, models: readonly ReachableModel[]): Learned {
  const lengths = models.filter(({ kind }) => kind === 'generative').map(model => [model.id, lengthsOf(feature, lessons, model)] as const)
    .filter(([, ranges]) => Object.keys(ranges).length > 0)
  const spread = spreadsOf(lessons, models)
  return {
    ...lengths.length > 0 && { lengths: Object.fromEntries(lengths) },
    ...lessons.count.length > 0 && { count: scaleRange(likelyRange({ own: lessons.count }, countPrior), 1 / thousand) },
    ...Object.keys(spread).length > 0 && { spread },
  }
}

function lengthsOf(feature: ReachableFeature, lessons: FeatureLessons, model: ReachableModel): ByEffort<Range> {
  const levels = levelsOf(spreadIn(lessons, model, 'tokens'))
  return Object.fromEntries(model.efforts.filter(effort => effortFits(effort, feature.effort)).flatMap(effort => {
    const range = lengthOf(feature, lessons, model, effort, levels)
    return range ? [[effort, wholeInside(range)]] : []
  }))
}

/** Tokens of a model's output at an effort, reasoning included; `null` where there is nothing to go by. */
function lengthOf(feature: ReachableFeature, lessons: FeatureLessons, model: ReachableModel, effort: Effort, levels: Levels): Range | null {
  const evidence = evidenceOf(lessons, model, effort)
  const plain = evidenceOf(lessons, model, 'none')
  if (isNothing(evidence) && isNothing(plain)) return null
  const answer = answerPrior(feature.task)
  return likelyRange(evidence, effort === 'none' ? answer : withReasoning(likelyRange(plain, answer), answer, effort), levels)
}

/** The model's own lengths, and those of others of its tier, or of any where there is none. */
function evidenceOf({ models }: FeatureLessons, { id, tier }: ReachableModel, effort: Effort): Evidence & { readonly others: readonly Sketch[] } {
  const others = Object.entries(models).flatMap(([name, lengths]) => {
    const sketch = lengths.output[effort]
    return name === id || !sketch ? [] : [{ tier: lengths.tier, sketch }]
  })
  const near = others.filter(other => other.tier === tier)
  return { own: models[id]?.output[effort] ?? [], others: (near.length > 0 ? near : others).map(({ sketch }) => sketch) }
}

const isNothing = ({ own, others = [] }: Evidence) => own.length === 0 && others.length === 0

const withReasoning = (answer: Range, { deviation }: Prior, effort: Effort): Prior =>
  ({ range: multiplyRanges(answer, addRanges(exactly(1), reasoningShare[effort])), deviation })

/**
 * Whole tokens inside a range of quantiles. Lengths are whole, and a range that ends between two of
 * them holds on average half a token more at each end than it says: so they are taken from inside.
 */
function wholeInside({ low, mid, high }: Range): Range {
  const middle = Math.max(1, Math.round(mid))
  return { low: Math.max(1, Math.min(Math.ceil(low - noise), middle)), mid: middle, high: Math.max(middle, Math.floor(high + noise)) }
}

/** What logarithms and back leave of a whole number. */
const noise = 1e-6

/** What the catalog says of a model by what was measured of it. */
export type LearnedModel = Pick<ReachableModel, 'pace' | 'energy' | 'provenance'>

/** What a model's lessons come to by now, milliseconds since 1970; what is configured is where they start from. */
export function learnedModelOf({ pace, energy, provenance }: LearnedModel, lessons: ModelLessons, now: number): LearnedModel {
  const meter = rememberedAt(now, lessons)
  return {
    pace: learnedPaceOf(pace, lessons), energy: energy && meteredProfile(energy, meter),
    provenance: energy && isMetered(meter) ? { ...provenance, wh: 'metered' } : provenance,
  }
}

function learnedPaceOf(configured: ReachableModel['pace'], { first, each }: ModelLessons): ReachableModel['pace'] {
  if (first.length + each.length === 0) return configured
  const prior = pacePrior(configured)
  return {
    first: scaleRange(likelyRange({ own: first }, prior.first), 1e-3),
    each: scaleRange(likelyRange({ own: each }, prior.each), 1e-6),
  }
}

/** What a team is told of a feature's likely ranges: how often they held, and how wide they were. */
export const coverageOf = (lessons: FeatureLessons): { readonly [U in ScoredUnit]?: FeatureCoverage } => coverageReports(lessons)

/** Tokens of reasoning by model and effort, as they were reported. */
export function reasoningOf(lessons: FeatureLessons): Readonly<Record<string, ByEffort<Range>>> {
  return Object.fromEntries(Object.entries(lessons.models).map(([id, { reasoning }]) => [id, Object.fromEntries(
    Object.entries(reasoning).map(([effort, sketch]) => [effort, wholeInside(likelyRange({ own: sketch }, reasoningPrior))]),
  )]))
}
