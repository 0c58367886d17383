import { exactly, rangeOf, spanning } from '../core/index.ts'
import type { EnergyProfile, Range } from '../core/index.ts'
import type { ModelFacts } from './facts.ts'
import { grids } from './carbon.ts'
import { embodiedProfile } from './embodied.ts'
import { boundsOf, requestImpact } from './impact.ts'
import type { Bounds } from './impact.ts'
import { siteOf } from './sites.ts'

/** Millijoules per input token and billion active parameters: EcoLogits' method leaves out the reading of the prompt. */
const prefillMillijoules: Bounds = [3, 8]

/**
 * How far modelled figures may be off: on ML.ENERGY's H100 chat runs the method came to 0.7 to 7.6
 * times the best measured energy per token, so what is true lies between a 7.6th and 1.4 times of it.
 * The likely range leaves the lowest of that out, from a 7.6th to a quarter; the ceiling is at its upper end.
 */
const widening: Bounds = [1 / 4, 1.4]

/** What is needed to say what a model draws: its size, its maker or server, and its pace or what was measured of it. */
export type EnergyFacts = Pick<ModelFacts, 'params' | 'pace' | 'measured'> & { readonly provider?: string }

/** What a model's requests draw: as somebody measured it, or else modelled from its size. The prompt is always modelled, and so is the hardware's share. */
export function energyProfile(facts: EnergyFacts): EnergyProfile {
  const { pue } = siteOf(facts.provider ?? '')
  const { params } = facts
  const draw = facts.measured ? measuredDraw(facts.measured.joules, pue) : modelledDraw(facts, pue)
  return { ...draw, input: prefill(params.active, pue), attention: attention(params, pue), embodied: embodiedProfile(facts) }
}

/** By `requestImpact`, widened. */
function modelledDraw({ params, pace }: EnergyFacts, pue: Bounds): Pick<EnergyProfile, 'request' | 'output'> {
  const wattHours = (outputTokens: number) => {
    const { energy } = requestImpact({ activeParams: params.active, totalParams: params.total, outputTokens, tps: pace?.tps, ttft: pace?.ttft, pue, mix: grids.world.mix })
    return boundsOf(energy).map(kilowattHours => kilowattHours * 1_000) as unknown as Bounds
  }
  const request = wattHours(0)
  const thousand = wattHours(1_000)
  return { request: widened(request), output: widened([thousand[0] - request[0], thousand[1] - request[1]]) }
}

/**
 * Watt-hours of a request as the method has them, from the model's size alone and without the widening:
 * what all modelled figures may be off by together does not tell one model from another.
 */
export function drawBySize({ active, total }: ModelFacts['params'], inputTokens: number, outputTokens: number): Bounds {
  const [low, high] = boundsOf(requestImpact({ activeParams: active, totalParams: total, outputTokens, pue: 1, mix: grids.world.mix }).energy)
  const reading = Math.sqrt(prefillMillijoules[0] * prefillMillijoules[1]) * inputTokens / 3.6e6
  return [low * 1_000 + reading * active[0], high * 1_000 + reading * active[1]]
}

/** A thousand tokens' joules, from the server to the meter of the building. Its range is that of the deployments measured. */
function measuredDraw({ low, mid, high }: Range, [least, most]: Bounds): Pick<EnergyProfile, 'request' | 'output'> {
  return { request: exactly(0), output: rangeOf(least * low / 3.6, Math.sqrt(least * most) * mid / 3.6, most * high / 3.6) }
}

/** Watt-hours of a thousand input tokens: mJ per token are J per thousand. */
function prefill([low, high]: Bounds, pue: Bounds): Range {
  const [least, most] = prefillMillijoules
  return spanning(pue[0] * least * low / 3_600, pue[1] * most * high / 3_600)
}

/**
 * Watt-hours of a thousand input tokens that attend to a thousand each. Reading a prompt of n tokens
 * takes 2N + 2 n L d floating-point operations a token (Kaplan et al., "Scaling laws for neural language
 * models", 2020, table 1: N parameters, L layers, d their width), so that attention is as if L d n / 10⁹
 * billion more parameters were at work, at the millijoules of the term above. Where L and d are not
 * published they follow from N = 12 L d² (the same paper) and d = 128 L, which GPT-3 has exactly (Brown et
 * al. 2020: 96 layers of 12,288) and Llama 3 nearly (Grattafiori et al. 2024: 32 of 4,096, 80 of 8,192,
 * 126 of 16,384). Sparse models have more layers than their active parameters say and fewer than all of
 * them do (DeepSeek V3, Qwen3), so those are the ends; models that attend to a window or in linear time
 * have next to none of it, so the low end of what is likely is without it.
 */
function attention({ active, total }: ModelFacts['params'], pue: Bounds): Range {
  const [least, most] = prefillMillijoules
  const low = pue[0] * least * layersByWidth(active[0]) / 3.6e9
  const high = pue[1] * most * layersByWidth(total[1]) / 3.6e9
  return rangeOf(0, Math.sqrt(low * high), high)
}

/** Layers times their width, of a model of so many billion parameters. */
const layersByWidth = (billions: number): number => 128 * (billions * 1e9 / (12 * 128 ** 2)) ** (2 / 3)

const widened = ([low, high]: Bounds): Range => spanning(low * widening[0], high * widening[1])

/** The watts a core of a server draws under load, with its share of memory and cooling; hosts that measured theirs say so. */
export const cpuWatts = 15

/**
 * An extractive answer: a millisecond or so of one core for each thousand tokens read. At most, the
 * server lets it have ten milliseconds per thousand and half a second for a search.
 */
export const extractiveEnergy: EnergyProfile = {
  request: rangeOf(wattHoursOf(0.000_2), wattHoursOf(0.004), wattHoursOf(0.5)),
  input: rangeOf(wattHoursOf(0.000_5), wattHoursOf(0.001_5), wattHoursOf(0.01)),
  output: exactly(0),
}

/** Watt-hours of some seconds of one core. */
export function wattHoursOf(cpuSeconds: number, watts = cpuWatts): number {
  return cpuSeconds * watts / 3_600
}
