import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { afterAll } from 'vitest'
import { aiSdk, openaiCompatible } from '../../../../src/server/index.ts'
import { nodeTransport } from '../../../../src/server/node/index.ts'
import { models, noon } from '../support.ts'
import { describeProvider } from './provider-contract.ts'

const now = () => noon
const transport = nodeTransport()
afterAll(() => transport.close())

describeProvider('openaiCompatible', (baseURL, timeout) => openaiCompatible({ baseURL, models, timeout, now }))

describeProvider('openaiCompatible over nodeTransport', (baseURL, timeout) => openaiCompatible({ baseURL, models, timeout, now, fetch: transport }))

describeProvider('aiSdk', (baseURL, timeout) => {
  const server = createOpenAICompatible({ name: 'fixture', baseURL, includeUsage: true, supportsStructuredOutputs: true })
  return aiSdk(server.chatModel('small'), { tier: 'eco', timeout, now })
})
