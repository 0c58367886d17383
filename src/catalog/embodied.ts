import { addRanges, multiplyRanges, scaleRange, spanning } from '../core/index.ts'
import type { EnergyProfile, Range, ReachableModel } from '../core/index.ts'
import { grids } from './carbon.ts'
import type { ModelFacts } from './facts.ts'
import { boundsOf, requestImpact } from './impact.ts'
import type { Bounds } from './impact.ts'

/**
 * How far the method's share of the hardware may be off. It goes by the time for which a token holds a
 * GPU: on ML.ENERGY's H100 chat runs (v3, 16 models) that came to 4 times the fullest deployment's of a
 * model, and to half of the emptiest one's, in the median.
 */
const widening: Bounds = [1 / 4, 2]

/**
 * A model's share of the making of servers and GPUs, by `requestImpact` from its size and pace, widened:
 * grams CO2e of any request, and of a thousand tokens out. The grid has no part in it.
 */
export function embodiedProfile({ params, pace }: Pick<ModelFacts, 'params' | 'pace'>): NonNullable<EnergyProfile['embodied']> {
  const grams = (outputTokens: number): Bounds => {
    const { embodied } = requestImpact({ activeParams: params.active, totalParams: params.total, outputTokens, tps: pace?.tps, ttft: pace?.ttft, pue: 1, mix: grids.world.mix })
    const [low, high] = boundsOf(embodied.gwp)
    return [1_000 * low, 1_000 * high]
  }
  const [request, thousand] = [grams(0), grams(1_000)]
  return { request: widened(request), output: widened([thousand[0] - request[0], thousand[1] - request[1]]) }
}

const widened = ([low, high]: Bounds): Range => spanning(low * widening[0], high * widening[1])

/**
 * Grams CO2e of making the hardware that an answer of so many tokens, reasoning included, has its share in:
 * modelled, in no budget, and no part of `gco2e`, which is the electricity's.
 * @returns `null` where nothing is known of the model's architecture, and for models that only quote
 */
export function embodiedOf({ kind, energy }: Pick<ReachableModel, 'kind' | 'energy'>, output: Range): Range | null {
  if (kind === 'extractive' || !energy?.embodied) return null
  const { request, output: written } = energy.embodied
  return addRanges(request, scaleRange(multiplyRanges(written, output), 1 / 1_000))
}
