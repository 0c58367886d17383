/**
 * What the examples of README and of the documentation pages may use without declaring it: the
 * names they share. An example that declares one of them itself means its own.
 */
export const docsContext = `
import { createAI, defineFeatures } from 'sparing'

const declared = defineFeatures({
  summary: { task: 'summarize', baseline: 'extract', tier: 'standard', maxInputTokens: 20_000, maxOutputTokens: 400 },
  answer: { task: 'answer', baseline: 'search', tier: 'max', effort: 'high', maxOutputTokens: 4_000 },
})
const client = createAI({ modelSelector: '/api/ai', features: declared })

declare global {
  /** The product's features, as in features.ts. */
  const features: typeof declared
  /** The product's client. */
  const ai: typeof client
  /** A text to summarise. */
  const article: string
  /** The person who is signed in. */
  const user: { id: string; plan: string }
}
`

/** `@opentelemetry/api` as far as the examples touch it, in its own types. */
export const docsPeers = `
declare module '@opentelemetry/api' {
  interface SpanContext { traceId: string; spanId: string; isRemote?: boolean; traceFlags: number; traceState?: unknown }
  type AttributeValue = string | number | boolean | (null | undefined | string)[] | (null | undefined | number)[] | (null | undefined | boolean)[]
  interface Attributes { [key: string]: AttributeValue | undefined }
  enum SpanKind { INTERNAL = 0, SERVER = 1, CLIENT = 2, PRODUCER = 3, CONSUMER = 4 }
  enum SpanStatusCode { UNSET = 0, OK = 1, ERROR = 2 }
  interface Link { context: SpanContext; attributes?: Attributes; droppedAttributesCount?: number }
  interface Span {
    spanContext(): SpanContext
    setAttributes(attributes: Attributes): this
    setStatus(status: { code: SpanStatusCode; message?: string }): this
    addLink(link: Link): this
    end(endTime?: number): void
  }
  interface Tracer { startSpan(name: string, options?: { kind?: SpanKind; attributes?: Attributes; links?: Link[]; root?: boolean }, context?: unknown): Span }
  export const trace: { getTracer(name: string, version?: string): Tracer }
}
`
