import { energyProfile, factsFromName, findModel, paceOf, pricesFrom, reachableFrom, tokenPrices } from '../../catalog/index.ts'
import type { DollarPrices, ModelFacts, NumberOrBounds } from '../../catalog/index.ts'
import { boundsOf } from '../../catalog/impact.ts'
import { effortsFromName } from '../../catalog/thinking.ts'
import { efforts as allEfforts, exactly, isAmount, spanning, tasks as allTasks, tiers } from '../../core/index.ts'
import type { Effort, EnergyProfile, GenerativeTier, Provenance, Range, ReachableModel, Task, TokenPrices } from '../../core/index.ts'

/** A model by its id, or with facts that the catalog lacks or has otherwise: each goes before the catalog's. */
export type ModelConfig = string | {
  readonly id: string
  /** Dollars per million tokens; people see what follows from it. */
  readonly price?: PriceConfig
  /** Billions of parameters, those at work for each token and all; `[low, high]` where nobody knows exactly. */
  readonly params?: { readonly active: NumberOrBounds; readonly total: NumberOrBounds }
  readonly efforts?: readonly Effort[]
  readonly context?: number
  /** The tasks it is for; any when `null`. */
  readonly tasks?: readonly Task[] | null
  /** How able it is among others, 0 to 1. */
  readonly strength?: number
  /** 1 to 5, as AI Energy Score or one's own measurements have it. */
  readonly stars?: number
  /** Watt-hours of a thousand tokens in and out, and of any request, by one's own meter. */
  readonly energy?: { readonly input: NumberOrBounds; readonly output: NumberOrBounds; readonly request?: NumberOrBounds }
  /** Output tokens per second, and seconds to the first. */
  readonly pace?: { readonly tps: number; readonly ttft: number }
}

export interface PriceConfig extends DollarPrices {
  /** Prices of requests whose input is longer than so many tokens. */
  readonly long?: readonly (DollarPrices & { readonly above: number })[]
  /** Percent of these prices that is paid for what may wait. */
  readonly batch?: number
}

type Configured = Exclude<ModelConfig, string>

export type ModelsByTier = Partial<Record<GenerativeTier, readonly ModelConfig[]>>

/**
 * What a provider's configured models are, from the configuration first and the catalog second.
 * @throws {TypeError} for what is no list of models by tier; for a figure that cannot be, naming the model and the figure
 */
export function reachableModels(provider: string, byTier: ModelsByTier, local: boolean): ReachableModel[] {
  const fault = faultOfTiers(byTier)
  if (fault) throw new TypeError(`The models of the provider "${provider}" cannot be used: ${fault}`)
  return Object.entries(byTier).flatMap(([tier, configs]) =>
    (configs ?? []).map(config => reachableModel(provider, tier as GenerativeTier, typeof config === 'string' ? { id: config } : config, local)))
}

const generativeTiers = tiers.filter(tier => tier !== 'baseline')

function faultOfTiers(byTier: ModelsByTier): string | undefined {
  if (typeof byTier !== 'object' || byTier === null || Array.isArray(byTier)) return 'there are none. Give "models" by tier, such as { eco: ["gpt-5-nano"] }.'
  for (const [tier, configs] of Object.entries(byTier)) {
    if (!(generativeTiers as readonly string[]).includes(tier)) return `there is no tier "${tier}", so nobody would get its models. Use ${generativeTiers.join(', ')}.`
    if (configs === undefined) continue
    if (!Array.isArray(configs)) return `those of "${tier}" are no list. Write them in square brackets: { ${tier}: ["gpt-5-nano"] }.`
    if (configs.some(config => typeof (config?.id ?? config) !== 'string' || (config.id ?? config) === '')) return `one of "${tier}" has no id. Give its name, or { id: "gpt-5-nano" }.`
  }
}

function reachableModel(provider: string, tier: GenerativeTier, config: Configured, local: boolean): ReachableModel {
  check(config)
  const known = findModel(config.id) ?? factsFromName(config.id)
  const params = config.params && paramsOf(config.params)
  const facts = known && params ? { ...unmeasured(known), params } : known
  const reach = { id: config.id, provider, tier }
  const model = facts ? reachableFrom(facts, reach) : unknownModel(reach, params)
  const { price, provenance } = priceOf(config, facts, local)
  return {
    ...model, ...overrides(config, model.energy), price,
    provenance: { usd: provenance, wh: config.energy ? 'measured' : model.provenance.wh },
  }
}

const unknownModel = (reach: Pick<ReachableModel, 'id' | 'provider' | 'tier'>, params?: ModelFacts['params']): ReachableModel => ({
  ...reach, kind: 'generative', tasks: null, context: null, efforts: effortsFromName(reach.id), price: null, energy: params ? energyProfile({ params }) : null,
  pace: null, stars: null, provenance: { usd: 'unknown', wh: params ? 'modelled' : 'unknown' },
})

function paramsOf({ active, total }: NonNullable<Configured['params']>): ModelFacts['params'] {
  const [all, working] = [boundsOf(total), boundsOf(active)]
  return { active: working, total: all, source: working[0] === working[1] && all[0] === all[1] ? 'published' : 'estimated' }
}

/** What was measured of a model says nothing where the configuration has it of another size. */
const unmeasured = ({ measured: _, stars: __, ...facts }: ModelFacts): ModelFacts => facts

function overrides({ efforts, context, tasks, strength, stars, energy, pace }: Configured, modelled: EnergyProfile | null): Partial<ReachableModel> {
  return {
    ...efforts && { efforts }, ...context !== undefined && { context }, ...tasks !== undefined && { tasks }, ...strength !== undefined && { strength },
    ...stars !== undefined && { stars, starsFrom: 'published' as const }, ...energy && { energy: { ...meteredEnergy(energy), ...modelled?.embodied && { embodied: modelled.embodied } } }, ...pace && { pace: paceOf(pace) },
  }
}

function priceOf({ price }: Configured, facts: ModelFacts | undefined, local: boolean): { price: ReachableModel['price']; provenance: Provenance } {
  if (price) return { price: pricesOf(price), provenance: 'measured' }
  // One's own machine sends no bill; its energy still counts.
  if (local) return { price: tokenPrices(0, 0), provenance: 'local' }
  return facts?.price ? { price: facts.price, provenance: 'class' } : { price: null, provenance: 'unknown' }
}

function pricesOf({ long, batch, ...price }: PriceConfig): TokenPrices {
  const tiers = long?.map(({ above, ...each }) => ({ ...pricesFrom(each), above })).sort((a, b) => a.above - b.above)
  return { ...pricesFrom(price), ...tiers && { long: tiers }, ...batch !== undefined && { batch } }
}

function meteredEnergy({ input, output, request = 0 }: NonNullable<Configured['energy']>): EnergyProfile {
  const range = (figure: NumberOrBounds): Range => {
    const [low, high] = boundsOf(figure)
    return low === high ? exactly(low) : spanning(low, high)
  }
  return { request: range(request), input: range(input), output: range(output) }
}

function check(config: Configured): void {
  const fault = faultOfFields(config) ?? faultOfLists(config) ?? faultOf(config)
  if (fault) throw new TypeError(`The model "${config.id}" cannot be used: ${fault}`)
}

/** The fields of a model, and of what is given in one: those that it must have, and those that it may. */
const fields = {
  model: [['id'], ['price', 'params', 'efforts', 'context', 'tasks', 'strength', 'stars', 'energy', 'pace']],
  price: [['input', 'output'], ['cached', 'written', 'reasoning', 'long', 'batch']],
  'long price': [['above', 'input', 'output'], ['cached', 'written', 'reasoning']],
  params: [['active', 'total'], []], energy: [['input', 'output'], ['request']], pace: [['tps', 'ttft'], []],
} as const

/** A field that nothing reads, which is most often another one misspelt, or one without which nothing can be reckoned. */
function faultOfFields(config: Configured): string | undefined {
  const { price, params, energy, pace } = config
  const long = price?.long ?? []
  if (!Array.isArray(long)) return 'its price "long" must be a list, such as [{ above: 200000, input: 4, output: 12 }].'
  const parts: (readonly [keyof typeof fields, unknown])[] = [
    ['model', config], ['price', price], ...long.map(each => ['long price', each] as const), ['params', params], ['energy', energy], ['pace', pace],
  ]
  return parts.map(([what, given]) => given == null ? undefined : faultOfPart(what, given)).find(fault => fault !== undefined)
}

function faultOfPart(what: keyof typeof fields, given: unknown): string | undefined {
  const [required, optional]: readonly (readonly string[])[] = fields[what]
  const allowed = [...required!, ...optional!]
  const known = `${what === 'model' ? 'A model' : `Its ${what}`} may have ${allowed.join(', ')}.`
  if (typeof given !== 'object') return `its ${what} is no object. ${known}`
  const stray = Object.keys(given!).find(field => !allowed.includes(field))
  if (stray !== undefined) return `nothing reads its ${what === 'model' ? '' : `${what}'s `}field "${stray}". ${known}`
  const missing = required!.find(field => (given as Record<string, unknown>)[field] === undefined)
  return missing === undefined ? undefined : `its ${what} lacks "${missing}". ${known}`
}

function faultOfLists({ efforts, tasks }: Configured): string | undefined {
  const isListOf = (given: unknown, known: readonly unknown[]) => Array.isArray(given) && given.length > 0 && given.every(each => known.includes(each))
  if (efforts !== undefined && !isListOf(efforts, allEfforts)) return `its efforts must be a list of one or more of ${allEfforts.join(', ')}.`
  if (tasks != null && !isListOf(tasks, allTasks)) return `its tasks must be null, for any, or a list of one or more of ${allTasks.join(', ')}.`
}

function faultOf({ price, params, strength = 0, stars = 1, energy = { input: 0, output: 0 }, pace, context = 1 }: Configured): string | undefined {
  const rules: readonly (readonly [boolean, string])[] = [
    [!price || isPrice(price), 'its prices must be dollars per million tokens, 0 or more, and a batch 0 to 100 percent of them.'],
    [!params || isArchitecture(params), 'its parameters must be billions above 0, no more active than in total; a range has its lower bound first.'],
    [Object.values(energy).every(isFigure), 'its energy must be watt-hours, 0 or more; a range has its lower bound first.'],
    [!pace || pace.tps > 0 && pace.tps < Infinity && isAmount(pace.ttft), 'its pace must be tokens a second above 0 and seconds to the first, 0 or more.'],
    [isAmount(strength) && strength <= 1, 'its strength must lie between 0 and 1.'],
    [[1, 2, 3, 4, 5].includes(stars), 'its stars must be 1, 2, 3, 4 or 5.'],
    [Number.isSafeInteger(context) && context > 0, 'its context must be a whole number of tokens above 0.'],
  ]
  return rules.find(([holds]) => !holds)?.[1]
}

function isPrice({ long = [], batch = 100, ...price }: PriceConfig): boolean {
  return [price, ...long].every(classes => Object.values(classes).every(isAmount)) && isAmount(batch) && batch <= 100
}

function isFigure(figure: NumberOrBounds): boolean {
  const [low, high] = boundsOf(figure)
  return isAmount(low) && isAmount(high) && low <= high
}

function isArchitecture({ active, total }: NonNullable<Configured['params']>): boolean {
  const [working, all] = [boundsOf(active), boundsOf(total)]
  return isFigure(active) && isFigure(total) && working[0] > 0 && working[0] <= all[0] && working[1] <= all[1]
}
