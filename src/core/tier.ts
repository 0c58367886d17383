/** Upper bounds on how capable and costly a model a run may use, cheapest first. */
export const tiers = ['baseline', 'eco', 'standard', 'max'] as const
export type Tier = (typeof tiers)[number]
export type GenerativeTier = Exclude<Tier, 'baseline'>

/** How hard a model may think before it answers, least first. */
export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const
export type Effort = (typeof efforts)[number]

/** Whether a model reasons: never, when it is told to, or whatever it is told. */
export type Reasoning = 'none' | 'optional' | 'always'

/** What the efforts that a model takes say: without `none` among them it cannot stop. */
export function reasoningOf(offered: readonly Effort[]): Reasoning {
  if (!offered.includes('none')) return 'always'
  return offered.length === 1 ? 'none' : 'optional'
}

/** The most reasoning a tier allows unless it is configured otherwise. */
export const effortCaps: Record<Tier, Effort> = { baseline: 'none', eco: 'none', standard: 'low', max: 'xhigh' }

/** What is unknown fits no bound, and nothing fits a bound that is unknown. */
function fits<T>(order: readonly T[], value: T, bound: T): boolean {
  const place = order.indexOf(value)
  return place >= 0 && place <= order.indexOf(bound)
}

export const tierFits = (tier: Tier, bound: Tier): boolean => fits(tiers, tier, bound)
export const effortFits = (effort: Effort, bound: Effort): boolean => fits(efforts, effort, bound)

export const lowestEffort = (...all: readonly Effort[]): Effort =>
  efforts[Math.min(...all.map(effort => efforts.indexOf(effort)))] ?? 'none'

/** The strongest effort on offer that is no stronger than the one wanted; the weakest on offer if all are stronger. */
export function roundEffortDown(wanted: Effort, offered: readonly Effort[]): Effort {
  const sorted = efforts.filter(effort => offered.includes(effort))
  return sorted.findLast(effort => effortFits(effort, wanted)) ?? sorted[0] ?? 'none'
}

export const isTier = (value: unknown): value is Tier => tiers.includes(value as Tier)
export const isEffort = (value: unknown): value is Effort => efforts.includes(value as Effort)
