import { createAI } from '../client/index.ts'
import type { AI, AIOptions } from '../client/index.ts'
import type { Features } from '../core/index.ts'
import { baseline, createModelSelector } from '../server/index.ts'
import type { ModelSelector, ModelSelectorOptions } from '../server/index.ts'

export interface HarnessOptions<F extends Features> {
  readonly features: F
  readonly server?: Partial<ModelSelectorOptions>
  readonly client?: Partial<AIOptions<F>>
}

/** A client and a model selector in one process, with nothing between them. */
export interface Harness<F extends Features> {
  readonly ai: AI<F>
  readonly modelSelector: ModelSelector
  close(): Promise<void>
}

/**
 * Everything real but the network: what a product's own tests need to run its features. Resolves
 * when the catalog is there. Without providers it has the extractive baseline alone.
 */
export async function createHarness<const F extends Features>({ features, server, client }: HarnessOptions<F>): Promise<Harness<F>> {
  const modelSelector = createModelSelector({ features, providers: [baseline()], identify: () => ({ user: 'tester' }), ...server })
  const ai = createAI({ modelSelector, features, ...client })
  await ai.refresh()
  return {
    ai, modelSelector,
    async close() {
      ai.close()
      await modelSelector.close()
    },
  }
}
