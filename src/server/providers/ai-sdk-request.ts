import type { Effort } from '../../core/index.ts'
import type { Passthrough, PromptMessage, ProviderCall } from './port.ts'

/**
 * A language model of the AI SDK, by what is used of it: specifications v3 and v4, of AI SDK 6 and 7.
 * Nothing of the AI SDK is imported, so it need not be there for those who have none.
 */
export interface AiSdkModel {
  readonly specificationVersion: 'v3' | 'v4'
  /** Its provider and kind, such as `anthropic.messages`. */
  readonly provider: string
  readonly modelId: string
  doStream(options: never): PromiseLike<{ readonly stream: ReadableStream<unknown> }>
}

type Options = Readonly<Record<string, unknown>>

/** What a model of the AI SDK is called with. */
export function callOptions(call: ProviderCall, model: AiSdkModel, efforts: readonly Effort[]): Options {
  const { messages, schema, passthrough = {}, headers } = call
  return {
    ...headers && { headers },
    prompt: messages.map(message => promptMessage(message, messages)),
    ...schema && { responseFormat: { type: 'json', ...schema.schema && { schema: schema.schema, name: schema.name } } },
    ...sampling(passthrough), ...toolOptions(passthrough), ...reasoningOptions(model, call.effort, efforts, call.maxOutputTokens),
  }
}

function promptMessage({ role, content, toolCalls = [], toolCallId = '' }: PromptMessage, all: readonly PromptMessage[]): Options {
  const text = content ? [{ type: 'text', text: content }] : []
  switch (role) {
    case 'system': return { role, content }
    case 'user': return { role, content: text }
    case 'assistant': return { role, content: [...text, ...toolCalls.map(({ id, name, arguments: args }) => ({ type: 'tool-call', toolCallId: id, toolName: name, input: jsonOf(args) }))] }
    case 'tool': {
      // Here a result names its tool, which in OpenAI's format only the call does.
      const toolName = all.flatMap(message => message.toolCalls ?? []).find(({ id }) => id === toolCallId)?.name ?? toolCallId
      return { role, content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: content } }] }
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const withoutUndefined = (options: Options): Options => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

function sampling({ temperature, top_p, presence_penalty, frequency_penalty, seed, stop }: Passthrough): Options {
  return withoutUndefined({
    temperature, topP: top_p, presencePenalty: presence_penalty, frequencyPenalty: frequency_penalty, seed,
    stopSequences: typeof stop === 'string' ? [stop] : stop,
  })
}

function toolOptions({ tools, tool_choice: choice }: Passthrough): Options {
  return withoutUndefined({
    tools: tools?.map(({ function: { name, description, parameters = { type: 'object', properties: {} }, strict } }) =>
      withoutUndefined({ type: 'function', name, description, inputSchema: parameters, strict })),
    toolChoice: typeof choice === 'string' ? { type: choice } : choice && { type: 'tool', toolName: choice.function.name },
  })
}

/** The share of the output that an effort may think with, as the AI SDK has it. */
const shares: Readonly<Record<Exclude<Effort, 'none'>, number>> = { minimal: 0.02, low: 0.1, medium: 0.3, high: 0.6, xhigh: 0.9 }
/** The least that Anthropic lets a model think with, in tokens. */
const leastBudget = 1_024

/**
 * Effort and cap. Version 4 takes efforts by name; before it each provider has an option of its own.
 * Models that do not reason are told nothing: some are refused for it.
 */
export function reasoningOptions(model: AiSdkModel, effort: Effort, efforts: readonly Effort[], most: number): Options {
  const cap = { maxOutputTokens: most }
  if (!efforts.some(each => each !== 'none')) return cap
  if (addsBudget(model)) return beside(model, effort, most)
  if (model.specificationVersion === 'v4') return { ...cap, reasoning: effort }
  return { ...cap, providerOptions: optionsBefore4(model, effort, most) }
}

/** The AI SDK's Anthropic and Bedrock providers add what a model may think with to the cap, which would break the ceiling. */
const addsBudget = ({ provider }: AiSdkModel) => /anthropic|bedrock/.test(provider)

/** A cap that holds with the budget added to it. Where it leaves an answer too little room, the model is not to reason. */
function beside(model: AiSdkModel, effort: Effort, most: number): Options {
  const named = model.specificationVersion === 'v4'
  if (effort === 'none' || most < 2 * leastBudget) return { maxOutputTokens: most, ...named && { reasoning: 'none' } }
  const cap = Math.min(most - leastBudget, Math.floor((most - 0.5) / (1 + shares[effort])))
  if (named) return { maxOutputTokens: cap, reasoning: effort }
  const budget = { type: 'enabled', budgetTokens: most - cap }
  return { maxOutputTokens: cap, providerOptions: /bedrock/.test(model.provider) ? { bedrock: { reasoningConfig: budget } } : { anthropic: { thinking: budget } } }
}

function optionsBefore4({ provider, modelId }: AiSdkModel, effort: Effort, most: number): Options {
  const [name = ''] = provider.split('.')
  if (/^(google|vertex)/.test(provider)) return { google: { thinkingConfig: thinkingConfig(modelId, effort, most) } }
  return { [name === 'azure' || name === 'azure-openai' ? 'openai' : name]: { reasoningEffort: effort } }
}

/** Gemini counts thoughts under its cap. From version 3 on it takes levels, before it tokens, and none of them as 0. */
function thinkingConfig(modelId: string, effort: Effort, most: number): Options {
  if (/gemini-([3-9]|\d{2})/.test(modelId)) return { thinkingLevel: effort === 'none' ? 'minimal' : effort === 'xhigh' ? 'high' : effort }
  return { thinkingBudget: effort === 'none' ? 0 : Math.round(most * shares[effort]) }
}
