import type { Range, ReachableFeature, ReachableModel, Receipt } from '../core/index.ts'
import { count, coverageReport, emptyCoverage, isCoverage, score, spreadOver } from './calibration.ts'
import type { Coverage, CoverageReport, Outcome, Spread } from './calibration.ts'
import { spreadKey } from './estimate.ts'

/** What likely ranges are scored in. */
export type ScoredUnit = 'tokens' | 'usd' | 'wh' | 'seconds'

type ByUnit<T> = { readonly [U in ScoredUnit]?: T }

/** How a feature's ranges held: a document's part, of constant size. */
export interface Scores {
  /** Of all its runs, whatever the model: what is reported. */
  readonly coverage: ByUnit<Coverage>
  /**
   * By `provider/model`, the ones used last at the end: what ranges are adapted by. How well those of one
   * model hold says nothing of another's, which may have another price, or no meter. Absent from what was
   * stored before it was kept.
   */
  readonly scores?: Readonly<Record<string, ByUnit<Coverage>>>
}

export const noScores: Scores = { coverage: {}, scores: {} }

/** Whether a value is such scores: for what storage hands over. */
export const isScores = ({ coverage, scores = {} }: Readonly<Partial<Record<keyof Scores, unknown>>>): boolean =>
  isRecordOf(coverage, isCoverage) && isRecordOf(scores, units => isRecordOf(units, isCoverage))

/** Whether a value is an object, each of whose own values passes. */
export const isRecordOf = (value: unknown, is: (each: unknown) => boolean): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(is)

/** A run as far as it says whether its ranges held. */
export interface ScoredRun {
  readonly receipt: Pick<Receipt, 'status' | 'choice' | 'usage' | 'cost' | 'estimate'>
  /** Seconds from the call to the first token and to the last. */
  readonly seconds?: { readonly first: number | null; readonly total: number }
  /** The upstream measured the energy: what is modelled would only be compared with itself. */
  readonly isMeasured?: boolean
}

/** Models that are remembered: more are not used at once, and the document stays small. */
export const mostModels = 12

/** The scores with one more run. */
export function withScores({ coverage, scores = {} }: Scores, run: ScoredRun): Scores {
  const { provider, model } = run.receipt.choice
  const outcomes = outcomesOf(run)
  const { [spreadKey(provider, model)]: known = {}, ...others } = scores
  const mine = after(known, outcomes.wh && !isGoneByMeter(run) ? { ...outcomes, wh: undefined } : outcomes, score)
  return { coverage: after(coverage, outcomes, count), scores: Object.fromEntries([...Object.entries(others).slice(1 - mostModels), [spreadKey(provider, model), mine]]) }
}

/** A range that was modelled ends where nobody knows better: what a meter shows beside it teaches the profile, and stretches nothing. */
const isGoneByMeter = ({ receipt: { estimate } }: ScoredRun): boolean => estimate.provenance.wh === 'metered'

type Outcomes = { readonly [U in ScoredUnit]?: Outcome | undefined }

function after(coverage: ByUnit<Coverage>, outcomes: Outcomes, take: (before: Coverage, outcome: Outcome) => Coverage): ByUnit<Coverage> {
  const taken = Object.entries(outcomes).flatMap(([unit, outcome]) => outcome ? [[unit, take(coverage[unit as ScoredUnit] ?? emptyCoverage, outcome)]] : [])
  return { ...coverage, ...Object.fromEntries(taken) as ByUnit<Coverage> }
}

/** What came out beside what had been said, in the units where both are known. */
function outcomesOf({ receipt: { status, usage, cost, estimate }, seconds, isMeasured = false }: ScoredRun): Outcomes {
  const cut = status === 'ceiling'
  // What is derived and has no width, such as the price of what is free, holds whatever is true.
  const derived = (range: Range | null, actual: number | null | undefined): Outcome | undefined =>
    range && range.low < range.high && typeof actual === 'number' ? { range, actual, cut, from: 'derived' } : undefined
  return {
    tokens: { range: estimate.tokens.output, actual: usage.output, cut, from: 'learned' },
    usd: derived(estimate.cost.usd, cost.usd),
    wh: derived(estimate.cost.wh, isMeasured ? cost.wh : null),
    seconds: derived(estimate.seconds, seconds?.total),
  }
}

/** How far a model's ranges of a unit are stretched. */
export const spreadIn = ({ scores = {} }: Scores, { provider, id }: Pick<ReachableModel, 'provider' | 'id'>, unit: ScoredUnit): Spread =>
  scores[spreadKey(provider, id)]?.[unit]?.spread ?? [1, 1]

/** The spreads that the catalog tells, of models whose ranges held too seldom or too often. Of tokens it tells the ranges themselves. */
export function spreadsOf(scores: Scores, models: readonly ReachableModel[]): NonNullable<ReachableFeature['spread']> {
  const ofModel = (model: ReachableModel) => (['usd', 'wh', 'seconds'] as const).flatMap(unit => {
    const [low, high] = spreadIn(scores, model, unit)
    return low === 1 && high === 1 ? [] : [[unit, [low, high]] as const]
  })
  return Object.fromEntries(models.map(model => [spreadKey(model.provider, model.id), ofModel(model)] as const).flatMap(([name, spreads]) => spreads.length > 0 ? [[name, Object.fromEntries(spreads)]] : []))
}

/** What is reported of a unit: of all runs, and of those of each model. */
export interface FeatureCoverage extends CoverageReport {
  /** By `provider/model`, the ones used last at the end. */
  readonly models: Readonly<Record<string, CoverageReport>>
}

/** What a team is told of likely ranges: how often they held, and how wide they were. */
export function coverageReports({ coverage, scores = {} }: Scores): ByUnit<FeatureCoverage> {
  return Object.fromEntries(Object.entries(coverage).map(([unit, all]) => {
    const models = Object.entries(scores).flatMap(([name, units]) => {
      const mine = units[unit as ScoredUnit]
      return mine ? [[name, mine] as const] : []
    })
    const report = coverageReport({ ...all, spread: spreadOver(models.map(([, mine]) => mine)) })
    return [unit, { ...report, models: Object.fromEntries(models.map(([name, mine]) => [name, coverageReport(mine)])) }]
  }))
}
