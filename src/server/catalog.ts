import { resolveFeature, rangeOf } from '../core/index.ts'
import type { Catalog, Feature, ReachableFeature } from '../core/index.ts'
import { answerPrior } from '../catalog/index.ts'
import type { Settings } from './options.ts'
import { promptFor, promptOverhead } from './prompts.ts'

/**
 * What clients are told: the models that can be reached, the features as they will be run, and the policy.
 * @throws {TypeError} for a prompt that cannot be measured
 */
export function catalogOf(settings: Settings): Omit<Catalog, 'version'> {
  const models = settings.providers.flatMap(provider => provider.models)
  const features = Object.fromEntries(Object.entries(settings.features).map(([name, feature]) => [name, reachableFeature(name, feature, settings)]))
  return { models, features, policy: settings.policy }
}

/** The catalog under a version that changes with anything in it. */
export async function versioned(catalog: Omit<Catalog, 'version'>): Promise<Catalog> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(catalog)))
  return { version: Array.from(new Uint8Array(bytes, 0, 8), byte => byte.toString(16).padStart(2, '0')).join(''), ...catalog }
}

function reachableFeature(name: string, feature: Feature, settings: Settings): ReachableFeature {
  const { task, baseline, tier, effort, maxInputTokens, maxOutputTokens, mode, background, purpose } = resolveFeature(feature)
  const overhead = promptOverhead(promptFor(name, settings), { feature: name, task, identity: {} })
  const cap = (tokens: number) => Math.min(tokens, maxOutputTokens)
  const { low, mid, high } = answerPrior(task).range
  return { task, baseline, tier, effort, maxInputTokens, maxOutputTokens, mode, background, ...purpose && { purpose }, overhead, output: rangeOf(cap(low), cap(mid), cap(high)) }
}
