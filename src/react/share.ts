import { ceilingAmounts, inputBound, toGrains } from '../core/index.ts'
import type { Amounts, Budget, Catalog, Estimate, RunInput, Window } from '../core/index.ts'
import type { BudgetState } from '../state/index.ts'

/** What part of an allowance something takes: 0.02 of today's. */
export interface Share {
  readonly ratio: number
  readonly window: Window
}

/** The person's own lines: those whose amounts they may see. */
export const ownLines = ({ local, server }: BudgetState): readonly Budget[] =>
  [...local, ...server.filter((budget): budget is Budget => 'unit' in budget)]

/** The greatest share that amounts take of any line, because that line is the first to run out; `null` where no line counts them. */
export function shareOf(amounts: Amounts, lines: readonly Budget[]): Share | null {
  return greatest(lines.flatMap(({ unit, limit, window }) => {
    const amount = amounts[unit]
    return amount === undefined || limit === 0 ? [] : [{ ratio: amount / toGrains(unit, limit, 'nearest'), window }]
  }))
}

/** The line of which most is gone or set aside. */
export const tightest = (lines: readonly Budget[]): Budget | null =>
  greatest(lines.filter(({ limit }) => limit > 0).map(line => ({ line, ratio: (line.settled + line.held) / line.limit })))?.line ?? null

const greatest = <T extends { readonly ratio: number }>(all: readonly T[]): T | null =>
  all.reduce<T | null>((most, each) => most && most.ratio >= each.ratio ? most : each, null)

/** Whole percent, rounded up: a bound never promises too little. 12 digits drop the noise of binary fractions. */
export const wholePercent = (ratio: number): number => Math.ceil(Number((ratio * 100).toPrecision(12)))

/** What a run takes at most, as it would be set aside. A run at tier `baseline` draws on nothing. */
export function mostAmounts(estimate: Estimate, input: RunInput, catalog: Catalog | null): Amounts {
  if (estimate.tier === 'baseline') return {}
  const bound = isExtractive(estimate.model, catalog) ? 0 : inputBound(input, catalog?.features[estimate.feature]?.overhead ?? 0)
  return ceilingAmounts(estimate.ceiling, bound, catalog?.policy.carbon.gco2ePerWh ?? 0)
}

/** Whether a model only quotes. */
export const isExtractive = (model: string, catalog: Catalog | null): boolean =>
  catalog?.models.some(({ id, kind }) => id === model && kind === 'extractive') ?? false
