import type { Endpoint } from './completion-request.ts'

/**
 * What the conventions call those they know, by host and by the AI SDK's name of the provider: values of
 * `gen_ai.provider.name`, https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai
 */
const known: readonly (readonly [host: RegExp, sdk: RegExp, name: string])[] = [
  [/^(?:\w+\.)?api\.openai\.com$/, /^openai\b/, 'openai'],
  [/\.openai\.azure\.com$|\.cognitiveservices\.azure\.com$/, /^azure\b/, 'azure.ai.openai'],
  [/^api\.anthropic\.com$/, /^anthropic\b/, 'anthropic'],
  [/^bedrock-[\w-]+\.[\w-]+\.amazonaws\.com$/, /^(?:amazon-)?bedrock\b/, 'aws.bedrock'],
  [/^generativelanguage\.googleapis\.com$/, /^google\.generative-ai\b/, 'gcp.gemini'],
  [/(?:^|-)aiplatform\.googleapis\.com$/, /^(?:google\.)?vertex\b/, 'gcp.vertex_ai'],
  [/^api\.groq\.com$/, /^groq\b/, 'groq'],
  [/^api\.mistral\.ai$/, /^mistral\b/, 'mistral_ai'],
  [/^api\.deepseek\.com$/, /^deepseek\b/, 'deepseek'],
  [/^api\.x\.ai$/, /^xai\b/, 'x_ai'],
  [/^api\.cohere\.(?:com|ai)$/, /^cohere\b/, 'cohere'],
  [/^api\.perplexity\.ai$/, /^perplexity\b/, 'perplexity'],
  [/\.ml\.cloud\.ibm\.com$/, /^watsonx\b/, 'ibm.watsonx.ai'],
]

/** By the host and, behind a name of one's own, by Azure's dialect, which nobody else speaks. */
export function tracedAsHost({ base: { hostname }, dialect }: Pick<Endpoint, 'base' | 'dialect'>): string | undefined {
  return known.find(([host]) => host.test(hostname))?.[2] ?? (dialect === 'azure' ? 'azure.ai.openai' : undefined)
}

/** @param provider as the AI SDK has it, such as `amazon-bedrock` or `openai.responses` */
export const tracedAsSdk = (provider: string): string | undefined => known.find(([, sdk]) => sdk.test(provider))?.[2]
