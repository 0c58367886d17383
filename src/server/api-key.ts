import { effortCaps, effortFits, lowestEffort, resolveFeature, tierFits, tiers } from '../core/index.ts'
import type { Effort, Features, GenerativeTier } from '../core/index.ts'
import { nameOf } from './names.ts'
import type { Name } from './names.ts'

/**
 * What a key of the OpenAI-compatible routes stands for: one feature, one identity, one tier. Whoever
 * holds it is a server that vouches for its own people: it writes the whole prompt, and its runs need no
 * opt-in. Budgets, ceilings and kill switches hold for it as for anybody.
 */
export interface ApiKeyGrant {
  readonly feature: string
  /** Whose budgets its runs draw on, as `identify` would name them. */
  readonly user: Name
  /** Labels that budgets go by besides, such as `org`; `null` for one that it has none of on purpose. */
  readonly labels?: Readonly<Record<string, Name | null>>
  readonly tier: GenerativeTier
  /** The most reasoning that its requests may ask for. @default 'none' */
  readonly effort?: Effort
  /** The most runs it may have open. @default the server's `concurrency` */
  readonly concurrency?: number
}

export interface ApiKey extends ApiKeyGrant {
  /** 24 characters or more, without spaces, from a random source. */
  readonly key: string
}

/** Keys, or what looks one up; `null` for a key that nobody was given. */
export type ApiKeys = readonly ApiKey[] | ((key: string) => ApiKeyGrant | null | undefined | Promise<ApiKeyGrant | null | undefined>)

/** The shortest key: 18 random bytes as base64. */
const shortest = 24

/** Why keys cannot be used; what a function will answer is seen at each request. */
export function faultOfApiKeys(keys: ApiKeys | undefined, features: Features): string | undefined {
  if (keys === undefined || typeof keys === 'function') return undefined
  const faults = keys.map((each, at) => {
    const fault = keys.findIndex(({ key }) => key === each.key) < at ? 'another one is the same.' : faultOf(each, features)
    // By its place: the key itself must not end up in a log.
    return fault && `The key number ${at + 1} of apiKeys cannot be used: ${fault}`
  })
  return faults.find(Boolean)
}

function faultOf({ key, feature: name, user, labels = {}, tier, effort = 'none', concurrency = 1 }: ApiKey, features: Features): string | undefined {
  if (typeof key !== 'string' || !new RegExp(`^[\\x21-\\x7e]{${shortest},}$`).test(key)) return `it must be ${shortest} characters or more, without spaces, from a random source.`
  if (!nameOf(user)) return 'it names no user, so nobody\'s budgets would hold for it.'
  const nameless = Object.keys(labels).find(label => labels[label] !== null && nameOf(labels[label]) === null)
  if (nameless !== undefined) return `its label "${nameless}" is neither text nor an exact number, so budgets could not go by it.`
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) return 'its concurrency must be a whole number above 0.'
  if (!Object.hasOwn(features, name)) return `there is no feature "${name}". Declare it, or correct the name.`
  const feature = resolveFeature(features[name]!)
  if (!tiers.includes(tier) || (tier as string) === 'baseline' || !tierFits(tier, feature.tier)) return `its tier must be "eco", "standard" or "max", and "${feature.tier}" at most, as that of "${name}".`
  const most = lowestEffort(feature.effort, effortCaps[tier])
  return effortFits(effort, most) ? undefined : `its effort must be "${most}" at most, as that of "${name}" at tier "${tier}".`
}
