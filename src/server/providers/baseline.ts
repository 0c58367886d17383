import { extractAnswer, summarize } from '../../baseline/index.ts'
import { cpuWatts, extractiveEnergy, wattHoursOf } from '../../catalog/index.ts'
import { exactly, inputQuestion, inputTexts, rangeOf } from '../../core/index.ts'
import type { ReachableModel, RunInput } from '../../core/index.ts'
import { mayBeLookUp } from '../../routing/index.ts'
import { faultOfTimeout, waitFor } from '../waiting.ts'
import { cpuClock, startTiming } from './cpu-clock.ts'
import type { Provider, ProviderCall } from './port.ts'

/** Does a feature's job with no generative model: takes the input, gives text that quotes. */
export type Extractor = (input: RunInput, context: { feature: string; signal: AbortSignal }) => string | Promise<string>

export interface BaselineOptions {
  /** Jobs done the host's own way, by feature. */
  readonly features?: Readonly<Record<string, Extractor>>
  /** The watts that one core of this machine draws under load. @default 15 */
  readonly watts?: number
  /** Words of a summary. @default 100 */
  readonly maxWords?: number
  /** Milliseconds that the host's own way of a job is waited for. @default 30000 */
  readonly timeout?: number
}

/**
 * The extractive models: summaries and answers made of sentences of the input. What they cost is
 * the processor's time that they took, at the power stated; where no clock tells that, all the time
 * that passed, which is not called measured.
 * @throws {TypeError} for a time-out that is none
 */
export function baseline({ features = {}, watts = cpuWatts, maxWords = 100, timeout = 30_000 }: BaselineOptions = {}): Provider {
  const fault = faultOfTimeout('timeout of baseline', timeout)
  if (fault) throw new TypeError(fault)
  const informed = Object.keys(features)
  const extract = (call: ProviderCall) => Object.hasOwn(features, call.feature) ? features[call.feature]!(call.input, call) : builtIn(call, maxWords)
  const clock = cpuClock()
  return {
    id: 'baseline',
    models: [{ ...extractive, provenance: { usd: 'local', wh: clock ? 'measured' : 'modelled' }, ...informed.length > 0 && { informed } }],
    silence: Infinity,
    async *stream(call) {
      const used = startTiming(clock)
      const text = await waitFor(extract(call), { timeout, signal: call.signal, what: `The baseline of "${call.feature}"` })
      yield { type: 'energy', wh: wattHoursOf(used(), watts) }
      if (text) yield { type: 'text', text }
      yield { type: 'usage', usage: { input: 0, cached: 0, output: 0, reasoning: 0 } }
      yield { type: 'finish', reason: 'stop' }
    },
  }
}

const extractive: Omit<ReachableModel, 'provenance'> = {
  id: 'extractive', provider: 'baseline', tier: 'baseline', kind: 'extractive', tasks: ['summarize', 'answer', 'chat', 'extract'],
  context: Number.MAX_SAFE_INTEGER, efforts: ['none'], price: { input: 0, cached: 0, output: 0 }, energy: extractiveEnergy,
  pace: { first: rangeOf(0.01, 0.05, 0.3), each: exactly(0) }, stars: null,
}

/** A question is answered from the text around it, and not at all where there is none; anything else is summarised. */
function builtIn({ task, input }: ProviderCall, maxWords: number): string {
  if ('query' in input && task !== 'summarize') return extractAnswer(inputQuestion(input), [{ id: 'input', text: input.text }]).text
  return mayBeLookUp(task) ? '' : summarize(inputTexts(input).join('\n\n'), { maxWords }).text
}
