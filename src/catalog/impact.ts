/** Environmental factors of one kilowatt-hour: kgCO2eq, kgSbeq, MJ of primary energy, litres of water. */
export interface ElectricityMix {
  readonly gwp: number
  readonly adpe: number
  readonly pe: number
  readonly wue: number
}

export type Bounds = readonly [low: number, high: number]
export type NumberOrBounds = number | Bounds

/** What `requestImpact` needs to know of a request and of where it runs. Parameters are in billions. */
export interface ImpactInput<N = NumberOrBounds> {
  readonly activeParams: N
  readonly totalParams: N
  readonly outputTokens: N
  /** Accepted and left out: the method counts no input. See `energyProfile` for the term that does. */
  readonly inputTokens?: N | undefined
  /** Seconds, where measured; longer than the deployment's own pace is not believed. */
  readonly latency?: N | undefined
  /** Output tokens per second of the deployment. */
  readonly tps?: N | undefined
  /** Seconds to the first token. */
  readonly ttft?: N | undefined
  readonly pue: N
  /** Litres per kWh at the site. */
  readonly wue?: N | undefined
  readonly mix: ElectricityMix
  /** Requests served together. @default 64 */
  readonly batch?: number | undefined
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
 * https://ecologits.ai/latest/methodology/llm_inference/). A range is worked out once at all of its
 * lower bounds and once at all of its upper ones.
 * @returns numbers, or `[low, high]` where an input was a range
 * @throws {RangeError} for what cannot be: no parameters, more active than total, negative or missing
 * figures, a range with its bounds the wrong way round
 */
export function requestImpact(input: ImpactInput): Impact {
  const ranges: unknown[] = Object.values(input).filter(Array.isArray)
  if (ranges.some(range => !isRange(range as unknown[]))) throw new RangeError('A range must be [low, high], the lower bound first.')
  const low = impactOf(bound(input, 0))
  return ranges.length > 0 ? join(low, impactOf(bound(input, 1))) : low
}

const isRange = ([low, high, ...rest]: unknown[]) => rest.length === 0 && (low as number) <= (high as number)

function bound(input: ImpactInput, side: 0 | 1): ImpactInput<number> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, Array.isArray(value) ? value[side] : value])) as unknown as ImpactInput<number>
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

function impactOf(input: ImpactInput<number>): Impact<number> {
  check(input)
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

function latencyOf({ activeParams, outputTokens, latency = Infinity, tps, ttft = 0 }: ImpactInput<number>, batch: number): number {
  const perToken = tps ? 1 / tps : 6.785088094353663e-4 * activeParams + 3.119310311688259e-4 * batch + 0.019473717579473387
  return Math.min(latency, outputTokens * perToken + ttft)
}

const isFigure = (value: number) => value >= 0 && value < Infinity

function check({ activeParams, totalParams, pue, ...figures }: ImpactInput<number>): void {
  const sizes = activeParams > 0 && totalParams >= activeParams && totalParams < Infinity
  if (!sizes) throw new RangeError(`A model with ${activeParams} of ${totalParams} billion parameters active cannot be: give 0 < activeParams <= totalParams.`)
  if (!areFigures(figures)) throw new RangeError('A request has no impact with negative or missing figures: tokens, latency, ttft, wue and the mix start at 0, tps above 0, batch at 1.')
  if (!(pue >= 1 && pue < Infinity)) throw new RangeError(`A PUE of ${pue} cannot be: a site uses at least what its computers use, so 1 or more.`)
}

function areFigures({ outputTokens, inputTokens = 0, latency = 0, tps = 1, ttft = 0, wue = 0, mix, batch = 64 }: Omit<ImpactInput<number>, 'activeParams' | 'totalParams' | 'pue'>): boolean {
  return [outputTokens, inputTokens, ttft, wue, mix.gwp, mix.adpe, mix.pe, mix.wue].every(isFigure)
    && latency >= 0 && tps > 0 && batch >= 1 && batch < Infinity
}
