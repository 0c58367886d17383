import { isAmount } from './amount.ts'
import { isOutputShape } from './output-shape.ts'
import type { OutputShape } from './output-shape.ts'
import { effortCaps, effortFits, efforts, isEffort, isTier } from './tier.ts'
import type { Effort, GenerativeTier } from './tier.ts'

/** What a feature has a model do. */
export const tasks = ['summarize', 'answer', 'chat', 'draft', 'rewrite', 'translate', 'classify', 'extract', 'describe', 'code'] as const
export type Task = (typeof tasks)[number]

/** Who set a run off: a person's own act, or the page by itself. */
export type Trigger = 'user' | 'background'

/**
 * A generative capability of the host product. `tier`, `effort` and the token limits are ceilings:
 * no run passes them, whatever it asks for.
 */
export interface Feature {
  readonly task: Task
  /** How the job is done with no generative model: `extract`, `search`, or a name of the host's own. */
  readonly baseline: string
  readonly tier: GenerativeTier
  /** The most reasoning that may be asked for. @default 'none' */
  readonly effort?: Effort
  /** Four bytes of UTF-8 count as one token. @default 8000 */
  readonly maxInputTokens?: number
  /** Reasoning included. @default 500 */
  readonly maxOutputTokens?: number
  /** The share of answers that must be good enough, above 0 and below 1: the cheapest model that people find so is used. @default 0.8 */
  readonly adequate?: number
  /** `off`: refused; `observe`: nothing is offered, the baseline is measured; `offer`: people may opt in. @default 'offer' */
  readonly mode?: 'off' | 'observe' | 'offer'
  /** The share of people, 0 to 100, who are offered it. @default 100 */
  readonly percent?: number
  /** Whether it may run without anybody's act. @default false */
  readonly background?: boolean
  /** `access`: an aid to people who need it, such as a reading of an image. */
  readonly purpose?: 'access'
  /**
   * The shape of its answers, such as a zod schema: they come as an object beside their text, checked.
   * Models that quote give none, so without a generative one there is no answer.
   */
  readonly output?: OutputShape
}

export type Features = Readonly<Record<string, Feature>>

/** A feature with every default filled in. */
export type ResolvedFeature = Required<Omit<Feature, 'purpose' | 'output'>> & Pick<Feature, 'purpose' | 'output'>

const defaults = { effort: 'none', maxInputTokens: 8_000, maxOutputTokens: 500, adequate: 0.8, mode: 'offer', percent: 100, background: false } as const

/** What is undefined was left out. */
export const resolveFeature = (feature: Feature): ResolvedFeature =>
  ({ ...defaults, ...Object.fromEntries(Object.entries(feature).filter(([, value]) => value !== undefined)) as unknown as Feature })

/**
 * Declares the product's features, once, for client and server.
 * @throws {TypeError} for a definition that cannot work, naming the feature and what to write instead
 */
export function defineFeatures<const F extends Features>(features: F): F {
  for (const [name, feature] of Object.entries(features)) {
    const fault = faultOf(name, feature)
    if (fault) throw new TypeError(`The feature "${name}" cannot be used: ${fault}`)
  }
  return features
}

function faultOf(name: string, feature: Feature): string | undefined {
  const { task, baseline, tier, effort, maxInputTokens, maxOutputTokens, adequate, mode, percent, background, purpose, output } = resolveFeature(feature ?? {})
  const cap = effortCaps[tier]
  const demands: [isMet: unknown, otherwise: string][] = [
    [/^[\w.-]{1,64}$/.test(name), 'its name must be 1 to 64 letters, digits, ".", "_" or "-".'],
    [tasks.includes(task), `its task must be one of ${tasks.join(', ')}.`],
    [typeof baseline === 'string' && baseline, 'it names no baseline. Say how the job is done with no generative model, such as "extract" or "search".'],
    [isTier(tier) && (tier as string) !== 'baseline', 'its tier must be "eco", "standard" or "max".'],
    [isEffort(effort), `its effort must be one of ${efforts.join(', ')}.`],
    [effortFits(effort, cap), `its effort must be "${cap}" at most at tier "${tier}".`],
    [isCount(maxInputTokens) && isCount(maxOutputTokens), 'maxInputTokens and maxOutputTokens must be whole numbers above 0.'],
    [isAmount(adequate) && adequate > 0 && adequate < 1, 'adequate must be above 0 and below 1, such as 0.8.'],
    [['off', 'observe', 'offer'].includes(mode), 'its mode must be "off", "observe" or "offer".'],
    [isAmount(percent) && percent <= 100, 'percent must be 0 to 100.'],
    [typeof background === 'boolean', 'background must be true or false.'],
    [purpose === undefined || purpose === 'access', 'its purpose can only be "access".'],
    [output === undefined || isOutputShape(output), 'its output must be a schema that follows the Standard Schema, such as one of zod 4.'],
  ]
  return demands.find(([isMet]) => !isMet)?.[1]
}

const isCount = (value: number) => Number.isSafeInteger(value) && value > 0
