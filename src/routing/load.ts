import type { Classifier } from './verdict.ts'

let loading: Promise<Classifier> | undefined

/**
 * The classifier with all its rules and trained weights, which are fetched when this is first
 * called, about 100 kB. Until they are there `classify` answers, by a few rules.
 * @throws what the import throws where they cannot be fetched; a later call tries again
 */
export function loadClassifier(): Promise<Classifier> {
  loading ??= fetched().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function fetched(): Promise<Classifier> {
  const [{ createClassifier }, { weights }] = await Promise.all([import('./trained.ts'), import('./weights.ts')])
  return createClassifier(weights)
}
