import type { GenerativeTier } from '../core/index.ts'
import { reachableModels } from '../server/providers/configured-model.ts'
import type { ModelsByTier, Provider, ProviderCall, ProviderPart } from '../server/index.ts'

export interface ScriptedProviderOptions {
  /** @default one model for each tier, of known size and price */
  readonly models?: ModelsByTier
  /** What it says to each call; a list is said as it stands. */
  readonly script: readonly (ProviderPart | string)[] | ((call: ProviderCall) => AsyncIterable<ProviderPart | string>)
}

const sizes: Record<GenerativeTier, number> = { eco: 4, standard: 30, max: 200 }
const oneEach: ModelsByTier = Object.fromEntries(Object.entries(sizes).map(([tier, billions]) => [tier, [{
  id: `scripted-${tier}`, price: { input: billions / 100, output: billions / 25 }, params: { active: billions, total: billions }, context: 32_768,
  efforts: tier === 'max' ? ['none', 'low', 'high'] as const : ['none'] as const,
}]]))

/**
 * A provider for tests: says what its script says and stands for no model. `calls` is its own log.
 */
export function scriptedProvider({ models = oneEach, script }: ScriptedProviderOptions): Provider & { readonly calls: readonly ProviderCall[] } {
  const calls: ProviderCall[] = []
  return {
    id: 'scripted', calls,
    models: reachableModels('scripted', models, false),
    async *stream(call) {
      calls.push(call)
      yield { type: 'accepted' }
      for await (const part of typeof script === 'function' ? script(call) : script) {
        call.signal.throwIfAborted()
        yield typeof part === 'string' ? { type: 'text', text: part } : part
      }
    },
  }
}
