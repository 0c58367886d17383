import { ceilingAmounts, effortCaps, fromGrains, longestInput, lowestEffort, secondsOf, toGrains, units } from '../core/index.ts'
import type { Amounts, BudgetPolicy, Catalog, ReachableFeature } from '../core/index.ts'
import { standingCeiling } from './plan.ts'

/**
 * What a developer should know of budgets that are too small: one sentence for each feature whose
 * longest run does not fit a whole budget.
 */
export function ceilingWarnings(catalog: Catalog, policies: readonly BudgetPolicy[]): [feature: string, warning: string][] {
  return Object.entries(catalog.features).flatMap(([name, feature]) => {
    const most = feature.mode === 'offer' && mostOf(name, feature, catalog)
    const [first] = most ? policies.flatMap(policy => excessOf(most, policy)) : []
    return first ? [[name, `sparing: one run of "${name}" at tier "${feature.tier}" may take ${first}. Such runs will be refused: raise the budget, or lower the feature's maxInputTokens, maxOutputTokens or tier.`]] : []
  })
}

/** What the most costly run of a feature can take. */
function mostOf(feature: string, { tier, effort, maxInputTokens, overhead }: ReachableFeature, catalog: Catalog): Amounts | undefined {
  const ceiling = standingCeiling(catalog, { feature, tier, effort: lowestEffort(effort, effortCaps[tier]) }, {})
  return ceiling && ceilingAmounts(ceiling, longestInput(maxInputTokens) + overhead, catalog.policy.carbon.gco2ePerWh)
}

function excessOf(most: Amounts, { id, per, limit }: BudgetPolicy): string[] {
  return units.flatMap(unit => {
    const [needed = 0, allowed = Infinity] = [most[unit], limit[unit]]
    if (allowed === Infinity || needed <= toGrains(unit, allowed, 'nearest')) return []
    return [`${Number(fromGrains(unit, needed).toPrecision(2))} ${unit}, and the whole budget "${id}" is ${allowed} ${unit} ${secondsOf(per) === null ? 'a' : 'in any'} ${per}`]
  })
}
