import { exactly } from '../core/index.ts'
import type { EnergyProfile, Range } from '../core/index.ts'
import { drawBySize } from './energy.ts'
import { energyOf } from './draw.ts'
import { sizeClassOf } from './facts.ts'
import type { ModelFacts, SizeClass } from './facts.ts'
import { models } from './models.ts'

/** Stars, and who gave them: AI Energy Score, or this package by its method. */
export interface Stars {
  readonly stars: number
  readonly source: 'published' | 'estimated'
}

/**
 * Stars by AI Energy Score's rule (February 2025, https://huggingface.github.io/AIEnergyScore/): the
 * span from the least to the most energy of a task's models, or of a size class's, in five equal parts.
 * @param energy of a query, in the unit of the bounds
 * @returns 5 for the least energy to 1 for the most, also beyond the bounds
 * @throws {RangeError} for bounds the wrong way round, or what is no number
 */
export function starRating(energy: number, { min, max }: { readonly min: number; readonly max: number }): number {
  if (!(min <= max && energy >= 0 && energy < Infinity && min >= 0)) throw new RangeError(`No stars for ${energy} between ${min} and ${max}: give figures of 0 or more, the least first.`)
  const fifth = (max - min) / 5
  if (fifth === 0) return energy > max ? 1 : 5
  return 5 - Math.min(4, Math.max(0, Math.floor((energy - min) / fifth)))
}

/** The request by which models are compared: a question of a few paragraphs and an answer of one or two, without reasoning. */
export const typicalRequest = { inputTokens: 500, outputTokens: 300 }

/** Watt-hours of a request of so many tokens. */
export function requestEnergy(energy: EnergyProfile, { inputTokens, outputTokens } = typicalRequest): Range {
  return energyOf(energy, exactly(inputTokens), exactly(outputTokens))
}

/** Fewer models than this are no class to be rated in. */
const leastModels = 5

/**
 * A model's stars for the writing of text, among the table's models of its size class; `null` where
 * the bounds of its size span more than two of them, or where nobody can say.
 */
export function starsOf({ stars: published, params }: Pick<ModelFacts, 'stars' | 'params'>): Stars | null {
  if (published !== undefined) return { stars: published, source: 'published' }
  const bounds = classBounds()[sizeClassOf(params.total)]
  if (!bounds) return null
  const [low, high] = ratedEnergy(params)
  return starRating(low, bounds) - starRating(high, bounds) > 1 ? null : { stars: starRating(Math.sqrt(low * high), bounds), source: 'estimated' }
}

/** By the method alone, for every model alike: AI Energy Score measures all of them on the same machine. */
const ratedEnergy = (params: ModelFacts['params']) => drawBySize(params, typicalRequest.inputTokens, typicalRequest.outputTokens)

let known: Partial<Record<SizeClass, { min: number; max: number }>> | undefined

/** The least and the most of each class, among models whose size is published: no guess sets the scale. Worked out when first asked for. */
function classBounds(): NonNullable<typeof known> {
  known ??= Object.fromEntries((['small', 'medium', 'large'] as const).flatMap(name => {
    const energies = models.filter(({ sizeClass, params }) => sizeClass === name && params.source === 'published').flatMap(({ params }) => ratedEnergy(params))
    return energies.length < 2 * leastModels ? [] : [[name, { min: Math.min(...energies), max: Math.max(...energies) }]]
  }))
  return known
}
