import type { Catalog, ReachableFeature, ReachableModel } from '../core/index.ts'
import { offeredTiers } from '../routing/index.ts'

/** What the operator is told at the start: models that hold so little that what a feature may write leaves no room for a text. */
export function smallContexts({ models, features }: Pick<Catalog, 'models' | 'features'>): string[] {
  const generative = models.filter(({ kind, context }) => kind === 'generative' && context !== null)
  return Object.entries(features).flatMap(([name, feature]) =>
    generative.filter(model => serves(feature, { ...model, context: null }) && !serves(feature, model)).map(({ id, provider, context }) =>
      `"${id}" (${provider}) holds ${context} tokens, and "${name}" may write ${feature.maxOutputTokens} of them, which leaves no room for a text. It never serves "${name}": another model answers, or quotes do. Lower "maxOutputTokens" of the feature, or give the model its true "context".`))
}

const serves = (feature: ReachableFeature, model: ReachableModel): boolean => offeredTiers(feature, { models: [model] }).length > 0
