import type { Range } from './range.ts'
import type { Effort, Tier } from './tier.ts'

/**
 * How a figure is known, the surest first: read off the upstream's own meter (of a run that is over, for this
 * very run; of one to come, for the model's last runs here), measured on such runs, made on this machine,
 * modelled from the architecture, or taken from its class.
 */
export const provenances = ['metered', 'measured', 'local', 'modelled', 'class', 'unknown'] as const
export type Provenance = (typeof provenances)[number]

/** Who gave a model its stars: AI Energy Score, or this package by its method. */
export type StarsSource = 'published' | 'estimated'

/** Dollars, watt-hours, and grams CO2e of that electricity, by the average of its grid; `null` is unknown, never 0. */
export interface Cost {
  readonly usd: number | null
  readonly wh: number | null
  readonly gco2e: number | null
}

export interface Ranges {
  readonly usd: Range | null
  readonly wh: Range | null
  readonly gco2e: Range | null
}

/** The most one run can cost: dollars, watt-hours, and tokens of output with reasoning included. */
export interface Ceiling {
  readonly usd: number | null
  readonly wh: number | null
  readonly outputTokens: number
}

/** What a run is likely to cost, and what it costs at most. */
export interface Estimate {
  readonly id: string
  readonly status: 'ready'
  readonly feature: string
  readonly tier: Tier
  readonly effort: Effort
  readonly model: string
  readonly catalogVersion: string
  readonly tokens: { readonly input: Range; readonly output: Range }
  readonly cost: Ranges
  readonly seconds: Range | null
  /** 1 to 5, where 5 is least energy; `null` where nobody can say. */
  readonly stars: number | null
  readonly ceiling: Ceiling
  /** `stars` is absent where there are none. */
  readonly provenance: { readonly usd: Provenance; readonly wh: Provenance; readonly stars?: StarsSource }
  /** What the same job costs without a generative model. */
  readonly baseline: Ranges
}

/**
 * Whether a cost agreed to covers what is asked for now. An unknown amount covers only an unknown
 * one: nobody can have agreed to a price they were not shown.
 */
export function ceilingCovers(agreed: Ceiling, asked: Ceiling): boolean {
  return covers(agreed.usd, asked.usd) && covers(agreed.wh, asked.wh) && asked.outputTokens <= agreed.outputTokens
}

const covers = (agreed: number | null, asked: number | null) =>
  agreed === null || asked === null ? agreed === asked : asked <= agreed
