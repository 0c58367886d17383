import { tierFits, tiers } from '../core/index.ts'
import type { ReachableFeature, ReachableModel, Unit } from '../core/index.ts'
import { limitedUnits, potsOf } from './budgets.ts'
import type { Identity } from './identity.ts'
import { modelName } from './health.ts'
import { scopeOf } from './server-budget.ts'
import type { ServerBudget } from './server-budget.ts'

/** Somebody's budgets, whatever they run. */
interface Drawn {
  readonly identity: Identity
  readonly budgets: readonly ServerBudget[]
  readonly timeZone: string
}

/**
 * The models that no run of somebody may use, because budgets limit what nobody knows of these. They
 * are not told of: a page would plan with them, and be refused each time.
 */
export function outOfReach(models: readonly ReachableModel[], features: Readonly<Record<string, ReachableFeature>>, drawn: Drawn): readonly string[] {
  const unknown = models.filter(lacksFigure)
  if (unknown.length === 0) return []
  const runs = Object.entries(features).flatMap(([feature, { tier: highest, task }]) =>
    tiers.filter(tier => tier !== 'baseline' && tierFits(tier, highest)).map(tier => ({ tier, task, limited: limitedEvery(feature, tier, drawn) })))
  return unknown.filter(model => runs.every(({ tier, task, limited }) => !serves(model, tier, task) || isBarred(model, limited))).map(modelName)
}

const triggers = ['user', 'background'] as const

/** The units that are limited whoever starts the run. */
function limitedEvery(feature: string, tier: ReachableModel['tier'], { identity, budgets, timeZone }: Drawn): ReadonlySet<Unit> {
  const [first, second] = triggers.map(trigger => limitedUnits(potsOf({ identity, network: null, run: { feature, tier, trigger } }, budgets, timeZone)))
  return new Set([...first!].filter(unit => second!.has(unit)))
}

const lacksFigure = ({ kind, price, energy }: ReachableModel) => kind === 'generative' && (price === null || energy === null)

const serves = (model: ReachableModel, tier: ReachableModel['tier'], task: ReachableFeature['task']) =>
  tierFits(model.tier, tier) && (model.tasks === null || model.tasks.includes(task))

const isBarred = ({ price, energy }: ReachableModel, limited: ReadonlySet<Unit>) =>
  price === null && limited.has('usd') || energy === null && (limited.has('wh') || limited.has('gco2e'))

/** What says whom a model is kept from. */
interface Configured {
  readonly budgets: readonly ServerBudget[]
  readonly identify?: unknown
}

/** What the operator is told at the start: models that people do not get, and why. */
export function missingFigures(models: readonly ReachableModel[], { budgets, identify }: Configured): string[] {
  // Where the host names people, few are strangers, whose budgets are not all its own.
  const counted = budgets.filter(budget => identify === undefined || !['network', 'anonymous'].includes(scopeOf(budget)))
  const limiting = (...units: readonly Unit[]) => counted.filter(({ limit }) => units.some(unit => limit[unit] !== undefined)).map(({ id }) => `"${id}"`)
  const lacking = (what: string, from: readonly ReachableModel[], ids: readonly string[], remedy: string) => from.length === 0 || ids.length === 0 ? [] : [
    `Nobody knows the ${what} of ${from.map(({ id, provider }) => `"${id}" (${provider})`).join(', ')}, and ${what} is limited by ${ids.join(', ')}. Whoever draws on that never gets it: another model answers, or quotes do. Name a model that "sparing catalog" has, or give the figure: { id: "${from[0]!.id}", ${remedy} }.`,
  ]
  const generative = models.filter(({ kind }) => kind === 'generative')
  return [
    ...lacking('price', generative.filter(({ price }) => price === null), limiting('usd'), 'price: { input: 0.1, output: 0.4 }'),
    ...lacking('energy', generative.filter(({ energy }) => energy === null), limiting('wh', 'gco2e'), 'params: { active: 8, total: 8 }'),
  ]
}
