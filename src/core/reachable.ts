import type { Provenance, StarsSource } from './estimate.ts'
import type { Task } from './feature.ts'
import type { Range } from './range.ts'
import type { Effort, GenerativeTier, Tier } from './tier.ts'

/** Whole nano-dollars per million tokens of each class. */
export interface ClassPrices {
  readonly input: number
  /** Input that the upstream read from its cache. */
  readonly cached: number
  readonly output: number
  /** Input that the upstream put into its cache; as `input` when absent. */
  readonly written?: number
  /** Output that is reasoning; as `output` when absent. */
  readonly reasoning?: number
}

/** What the tokens of a request cost; all of them by the input's length, or by how it was served. */
export interface TokenPrices extends ClassPrices {
  /** Prices of requests whose input is longer than so many tokens, the shorter bound first. */
  readonly long?: readonly (ClassPrices & { readonly above: number })[]
  /** Percent of these prices that is paid for a request that may wait, up to a day. */
  readonly batch?: number
}

/** Watt-hours: of any request, and of a thousand tokens in and out. All that need be known of a model's energy. */
export interface EnergyProfile {
  readonly request: Range
  readonly input: Range
  readonly output: Range
  /** Of a thousand tokens in, each of which attends to a thousand: it grows with the square of the input. */
  readonly attention?: Range
  /** How many times its high end a run may draw at most, where a meter showed it. @default 1 */
  readonly most?: number
  /** Grams CO2e of its share in the making of the hardware, of any request and of a thousand tokens out: modelled, and absent where nothing is known of its architecture. */
  readonly embodied?: { readonly request: Range; readonly output: Range }
}

/** A model that a server can reach, as the browser is told of it. */
export interface ReachableModel {
  readonly id: string
  readonly provider: string
  readonly tier: Tier
  /** `extractive` models quote; they need no opt-in when asked for by tier `baseline`. */
  readonly kind: 'generative' | 'extractive'
  readonly tasks: readonly Task[] | null
  /** Tokens of input and output together; `null` is unknown, and shuts nothing out. */
  readonly context: number | null
  readonly efforts: readonly Effort[]
  /** `null` is unknown, never free. */
  readonly price: TokenPrices | null
  readonly energy: EnergyProfile | null
  /** Seconds to the first token, and of each further one. */
  readonly pace: { readonly first: Range; readonly each: Range } | null
  readonly stars: number | null
  readonly starsFrom?: StarsSource
  /** How able it is among others, 0 to 1: what to believe before a feature's own runs have shown it. */
  readonly strength?: number
  /** Features that it answers by the host's own means, and so without a text around the question: see `choose`. */
  readonly informed?: readonly string[]
  readonly provenance: { readonly usd: Provenance; readonly wh: Provenance }
}

/** A feature as the server will run it: what the person may be offered and what an estimate needs. */
export interface ReachableFeature {
  readonly task: Task
  readonly baseline: string
  readonly tier: GenerativeTier
  readonly effort: Effort
  readonly maxInputTokens: number
  readonly maxOutputTokens: number
  /** The share of answers that must be good enough. @default 0.8 */
  readonly adequate?: number
  readonly mode: 'off' | 'observe' | 'offer'
  readonly background: boolean
  readonly purpose?: 'access' | undefined
  /** Its answers are objects of a shape, which models that quote do not give. */
  readonly structured?: true
  /** Tokens that the server's own prompt adds to the input, at most. */
  readonly overhead: number
  /** Tokens of answers to this feature, without reasoning, before any was seen. */
  readonly output: Range
  /** Tokens of output that its runs came to, reasoning included, by model and effort; absent where none was seen. */
  readonly lengths?: Readonly<Record<string, { readonly [E in Effort]?: Range }>> | undefined
  /** Tokens of input that its runs came to, for each that is estimated. */
  readonly count?: Range | undefined
  /** Where likely ranges held too seldom or too often, by `provider/model`: what the logarithms of their halves are multiplied by. That of energy is for what a meter told. */
  readonly spread?: Readonly<Record<string, { readonly [U in 'usd' | 'wh' | 'seconds']?: readonly [low: number, high: number] }>> | undefined
  /** How good models are for it, by `provider/model` and effort, where people said what they made of its answers. */
  readonly adequacy?: Readonly<Record<string, Adequacy>> | undefined
}

/** The chance that a model is good enough for a feature, and how much stands behind it. */
export interface Adequacy extends Range {
  /** Outcomes, by weight, faded: what was learned here, without what the catalog says. */
  readonly evidence: number
}

/** How many dollars a dollar and a watt-hour weigh. What has no weight need not be known. */
export interface Mix {
  readonly usd: number
  readonly wh: number
}

export interface CatalogPolicy {
  /** Of the stored policy, 0 where there is none: answers whose header `sparing-policy` names another say that this catalog is old. */
  readonly revision: number
  /** Who decides: named to people when something is used up or switched off. `null` where nobody is named. */
  readonly owner: string | null
  /** Whether people pay for runs themselves: only then are they shown money. */
  readonly pays: boolean
  /** Grams CO2e per watt-hour, and where that figure holds. */
  readonly carbon: { readonly gco2ePerWh: number; readonly zone: string; readonly year: number }
  /** What the costs of models are compared by. @default { usd: 1, wh: 0.001 } */
  readonly mix?: Mix
  /** The share of runs that may try a model which is not yet known to be good enough, 0 to 1. @default 0.25 */
  readonly explore?: number
}

/** What `GET /v1/catalog` answers. `version` changes with anything in it. */
export interface Catalog {
  readonly version: string
  readonly models: readonly ReachableModel[]
  readonly features: Readonly<Record<string, ReachableFeature>>
  readonly policy: CatalogPolicy
}

/** Whether a value has a catalog's bones: for what networks and storage hand over. */
export function isCatalog(value: unknown): value is Catalog {
  const { version, models, features, policy } = (value ?? {}) as Record<keyof Catalog, unknown>
  return typeof version === 'string' && Array.isArray(models) && typeof features === 'object' && features !== null
    && typeof policy === 'object' && policy !== null
}
