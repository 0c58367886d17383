import { resolveFeature, rangeOf } from '../core/index.ts'
import { answerPrior } from '../catalog/index.ts'
import type { Catalog, CatalogPolicy, Feature, ReachableFeature, ReachableModel } from '../core/index.ts'
import { modelName } from './health.ts'
import type { Learned } from './learned.ts'
import type { Settings } from './options.ts'
import type { InForce } from './policy.ts'
import { promptFor, promptOverhead } from './prompts.ts'

/** What the configuration says, whatever the policy and the person. */
export interface BaseCatalog {
  readonly models: readonly ReachableModel[]
  readonly features: Readonly<Record<string, ReachableFeature>>
  readonly terms: Omit<CatalogPolicy, 'revision'>
}

/**
 * The models that can be reached, the features as they will be run, and the terms.
 * @throws {TypeError} for a prompt that cannot be measured
 */
export function catalogOf(settings: Settings): BaseCatalog {
  const models = settings.providers.flatMap(provider => provider.models)
  const features = Object.fromEntries(Object.entries(settings.features).map(([name, feature]) => [name, reachableFeature(name, feature, settings)]))
  return { models, features, terms: settings.terms }
}

/** What somebody is not offered: features by name, models by provider and name. */
export interface Hidden {
  readonly features: readonly string[]
  readonly models: readonly string[]
}

/** Of a catalog that is nobody's in particular. */
export const nothingHidden: Hidden = { features: [], models: [] }

/** What clients are told. */
export interface Catalogs {
  /** The catalog under a policy, with what was learned, for people to whom some things are not offered; under a version that changes with anything in it. */
  under(policy: InForce, hidden: Hidden, learned: Learned): Promise<Catalog>
}

/** Catalogs kept at once: one for every set of what is hidden. */
const mostKept = 64

export function catalogs(base: BaseCatalog): Catalogs {
  const kept = new Map<string, Promise<Catalog>>()
  return {
    under(policy, hidden, learned) {
      const name = JSON.stringify([policy.revision, hidden, learned.revision])
      const known = kept.get(name)
      if (known) return known
      if (kept.size >= mostKept) kept.clear()
      const catalog = versioned(under(base, policy, hidden, learned))
      kept.set(name, catalog)
      return catalog
    },
  }
}

function under({ models, features, terms }: BaseCatalog, policy: InForce, hidden: Hidden, { features: lessons, models: measured }: Learned): Omit<Catalog, 'version'> {
  const modeOf = (name: string) => {
    const { mode } = resolveFeature(policy.features[name]!)
    return mode === 'offer' && hidden.features.includes(name) ? 'observe' : mode
  }
  return {
    models: models.filter(model => model.kind === 'extractive' || !policy.tiersOff.has(model.tier) && !hidden.models.includes(modelName(model))).map(model => ({ ...model, ...measured[modelName(model)] })),
    features: Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, { ...feature, ...lessons[name], mode: modeOf(name) }])),
    policy: { revision: policy.revision, ...terms },
  }
}

async function versioned(catalog: Omit<Catalog, 'version'>): Promise<Catalog> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(catalog)))
  return { version: Array.from(new Uint8Array(bytes, 0, 8), byte => byte.toString(16).padStart(2, '0')).join(''), ...catalog }
}

function reachableFeature(name: string, feature: Feature, settings: Settings): ReachableFeature {
  const { task, baseline, tier, effort, maxInputTokens, maxOutputTokens, adequate, mode, background, purpose } = resolveFeature(feature)
  const overhead = promptOverhead(promptFor(name, settings), { feature: name, task, identity: {} })
  const cap = (tokens: number) => Math.min(tokens, maxOutputTokens)
  const { low, mid, high } = answerPrior(task).range
  return {
    task, baseline, tier, effort, maxInputTokens, maxOutputTokens, adequate, mode, background, ...purpose && { purpose }, ...feature.output && { structured: true as const },
    overhead, output: rangeOf(cap(low), cap(mid), cap(high)),
  }
}
