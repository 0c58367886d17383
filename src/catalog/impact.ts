/** Environmental factors of one kilowatt-hour: kgCO2eq, kgSbeq, MJ of primary energy, litres of water. */
export interface ElectricityMix {
  readonly gwp: number
  readonly adpe: number
  readonly pe: number
  readonly wue: number
}

export type Bounds = readonly [low: number, high: number]
export type NumberOrBounds = number | Bounds

export const boundsOf = (value: NumberOrBounds): Bounds => typeof value === 'number' ? [value, value] : value

/** What may be left out; `null` is left out too. */
type Optional<N> = N | null | undefined

/** What `requestImpact` needs to know of a request and of where it runs. Parameters are in billions. */
export interface ImpactInput<N = NumberOrBounds> {
  readonly activeParams: N
  readonly totalParams: N
  readonly outputTokens: N
  /** Accepted and left out: the method counts no input. See `energyProfile` for the term that does. */
  readonly inputTokens?: Optional<N>
  /** Seconds, where measured; longer than the deployment's own pace is not believed. */
  readonly latency?: Optional<N>
  /** Output tokens per second of the deployment. */
  readonly tps?: Optional<N>
  /** Seconds to the first token. */
  readonly ttft?: Optional<N>
  readonly pue: N
  /** Litres per kWh at the site. */
  readonly wue?: Optional<N>
  readonly mix: ElectricityMix
  /** Requests served together. @default 64 */
  readonly batch?: Optional<N>
}

/** kWh, kgCO2eq, kgSbeq, MJ and litres. */
export interface Impact<N = NumberOrBounds> extends Footprint<N> {
  readonly energy: N
  readonly water: N
  readonly usage: Footprint<N>
  readonly embodied: Footprint<N>
}

interface Footprint<N> {
  readonly gwp: N
  readonly adpe: N
  readonly pe: N
}

/**
 * The impact of one generated answer by the EcoLogits 0.11.2 method (Rincé & Banse, 2025:
 * https://ecologits.ai/latest/methodology/llm_inference/). A range is worked out once at the bounds
 * that come to the least and once at those that come to the most: a faster deployment, or a fuller
 * batch, takes less for each request.
 * @returns numbers, or `[low, high]` where an input was a range
 * @throws {RangeError} for what cannot be: no parameters, more active than total, negative or missing
 * figures, what is no number, a range with its bounds the wrong way round, an impact beyond all numbers
 */
export function requestImpact(input: ImpactInput): Impact {
  if (typeof input !== 'object' || input === null) throw new RangeError('There is no request to work out the impact of. Give its figures: { activeParams, totalParams, outputTokens, pue, mix }.')
  const given = names.map(name => [name, input[name] ?? undefined] as const)
  const figures: unknown[] = given.map(([, value]) => value).filter(value => value !== undefined)
  const ranges = figures.filter(Array.isArray)
  if (!ranges.every(isRange)) throw new RangeError('A range must be [low, high] of numbers, the lower bound first.')
  if (!figures.every(value => Array.isArray(value) || typeof value === 'number')) throw new RangeError('The figures of a request must be numbers, or ranges [low, high] of them.')
  const at = (side: 0 | 1) => impactOf({ ...bound(given, side), mix: input.mix })
  return ranges.length > 0 ? join(at(0), at(1)) : at(0)
}

/** Every input but the mix. */
const names = ['activeParams', 'totalParams', 'outputTokens', 'inputTokens', 'latency', 'tps', 'ttft', 'pue', 'wue', 'batch'] as const

const isRange = ([low, high, ...rest]: unknown[]) => rest.length === 0 && typeof low === 'number' && typeof high === 'number' && low <= high

/** What lowers an impact as it grows. */
const inverse = new Set(['tps', 'batch'])

function bound(given: readonly (readonly [name: string, value: unknown])[], side: 0 | 1): Omit<Given, 'mix'> {
  const sideOf = (name: string) => inverse.has(name) ? 1 - side : side
  return Object.fromEntries(given.map(([name, value]) => [name, Array.isArray(value) ? value[sideOf(name)] : value])) as unknown as Omit<Given, 'mix'>
}

function join(low: Impact, high: Impact): Impact {
  const pair = (a: unknown, b: unknown): unknown => typeof a === 'number' ? [a, b]
    : Object.fromEntries(Object.keys(a as object).map(key => [key, pair((a as never)[key], (b as never)[key])]))
  return pair(low, high) as Impact
}

// Fits and hardware figures of the method; an H100 server has 8 GPUs of 80 GB and draws 1.2 kW without them.
const gpusPerServer = 8
const gpuMemory = 80
const serverPower = 1.2
const lifetime = 3 * 365 * 86_400
const server = { gwp: 5_700, adpe: 0.37, pe: 70_000 }
const gpu = { gwp: 273, adpe: 0.00895, pe: 3_721 }

/** Of what was left out nothing is left. */
type Given = { readonly [K in keyof ImpactInput]: Exclude<ImpactInput<number>[K], null> }

function impactOf(input: Given): Impact<number> {
  check(input)
  const impact = worked(input)
  const { usage, embodied, ...figures } = impact
  // Its parts are less than the whole.
  if (!Object.values(figures).every(isFigure)) throw new RangeError('The impact of this request is beyond all numbers. Give fewer tokens, or a smaller mix.')
  return impact
}

function worked(input: Given): Impact<number> {
  const { outputTokens, pue, wue = 0, mix, batch = 64 } = input
  const gpus = gpusFor(input.totalParams)
  const latency = latencyOf(input, batch)
  const serverEnergy = latency / 3_600 * serverPower * (gpus / gpusPerServer) / batch
  const itEnergy = serverEnergy + gpus * outputTokens * gpuWhPerToken(input.activeParams, batch) / 1_000
  const energy = pue * itEnergy
  const share = latency / (lifetime * batch)
  const footprint = (of: (factor: keyof Footprint<number>) => number): Footprint<number> => ({ gwp: of('gwp'), adpe: of('adpe'), pe: of('pe') })
  const usage = footprint(factor => energy * mix[factor])
  const embodied = footprint(factor => share * (gpus / gpusPerServer * server[factor] + gpus * gpu[factor]))
  const total = footprint(factor => usage[factor] + embodied[factor])
  return { energy, ...total, water: itEnergy * (wue + pue * mix.wue), usage, embodied }
}

/** GPUs that hold the weights at 16 bits with a fifth to spare, in powers of two. */
function gpusFor(totalParams: number): number {
  return 2 ** Math.ceil(Math.log2(Math.ceil(1.2 * totalParams * 16 / 8 / gpuMemory)))
}

function gpuWhPerToken(activeParams: number, batch: number): number {
  return 1.1665273170451914e-6 * Math.exp(-0.011205921025579175 * batch) * activeParams + 4.052928146734005e-5
}

function latencyOf({ activeParams, outputTokens, latency = Infinity, tps, ttft = 0 }: Given, batch: number): number {
  const perToken = tps ? 1 / tps : 6.785088094353663e-4 * activeParams + 3.119310311688259e-4 * batch + 0.019473717579473387
  return Math.min(latency, outputTokens * perToken + ttft)
}

const isFigure = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity

function check({ activeParams, totalParams, pue, mix, ...figures }: Given): void {
  const sizes = activeParams > 0 && totalParams >= activeParams && totalParams < Infinity
  if (!sizes) throw new RangeError(`A model with ${activeParams} of ${totalParams} billion parameters active cannot be: give 0 < activeParams <= totalParams.`)
  if (!isMix(mix)) throw new RangeError('A request has no impact without the mix of its electricity: give its gwp, adpe, pe and wue, each a number from 0.')
  if (!areFigures(figures)) throw new RangeError('A request has no impact with negative or missing figures: tokens, latency, ttft and wue start at 0, tps above 0, batch at 1.')
  if (!(pue >= 1 && pue < Infinity)) throw new RangeError(`A PUE of ${pue} cannot be: a site uses at least what its computers use, so 1 or more.`)
}

const isMix = (mix: ElectricityMix | null | undefined): boolean => mix != null && [mix.gwp, mix.adpe, mix.pe, mix.wue].every(isFigure)

function areFigures({ outputTokens, inputTokens = 0, latency = 0, tps = 1, ttft = 0, wue = 0, batch = 64 }: Omit<Given, 'activeParams' | 'totalParams' | 'pue' | 'mix'>): boolean {
  return [outputTokens, inputTokens, ttft, wue].every(isFigure)
    && latency >= 0 && tps > 0 && batch >= 1 && batch < Infinity
}
