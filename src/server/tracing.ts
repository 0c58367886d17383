import { isSparingError } from '../core/index.ts'
import type { Usage } from '../core/index.ts'
import { factsOf } from './health.ts'
import type { FinishReason } from './providers/port.ts'

type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A span of OpenTelemetry, as far as it is used here; that of `@opentelemetry/api` fits. */
export interface TraceSpan {
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }
  setAttributes(attributes: Record<string, string | number | boolean | string[]>): unknown
  setStatus(status: { code: number }): unknown
  addLink?(link: { context: { traceId: string; spanId: string; traceFlags: number; isRemote: boolean } }): unknown
  end(): void
}

/** A tracer of OpenTelemetry: `trace.getTracer('sparing')` of `@opentelemetry/api`. */
export interface Tracer {
  startSpan(name: string, options?: { kind?: number; attributes?: Record<string, string | number | boolean | string[]> }): TraceSpan
}

const pattern = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/

/** The `traceparent` of a request where it is one: https://www.w3.org/TR/trace-context. Other text is not passed on to anybody. */
export function traceparentOf({ headers }: Request): string | null {
  const value = headers.get('traceparent')?.trim() ?? ''
  return pattern.test(value) ? value : null
}

/** What is told of a call before it is made. */
export interface TracedCall {
  /** As the conventions call it, where they do. */
  readonly provider: string
  readonly model: string
  readonly run: string
  readonly feature: string
  readonly maxOutputTokens: number
  readonly structured: boolean
}

/** A call that is traced. */
export interface CallTrace {
  /** What to send to the model's server, so that its trace goes on from here. */
  readonly traceparent: string | null
  ended(outcome: { readonly usage: Usage; readonly finish: FinishReason | undefined; readonly failure?: unknown }): void
}

// As `SpanKind` and `SpanStatusCode` of OpenTelemetry number them.
const client = 2
const error = 2

/**
 * Traces a call of a model under the names of OpenTelemetry's conventions for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans). No prompt and no output is in
 * them. The span's parent is what is active where the host traces its requests; where that is another
 * trace than the request's own, the two are linked.
 */
export function traceCall(tracer: Tracer | undefined, { provider, model, run, feature, maxOutputTokens, structured }: TracedCall, traceparent: string | null): CallTrace {
  if (!tracer) return { traceparent, ended: () => {} }
  const span = tracer.startSpan(`chat ${model}`, {
    kind: client,
    attributes: {
      'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': provider, 'gen_ai.request.model': model, 'gen_ai.request.max_tokens': maxOutputTokens,
      'gen_ai.output.type': structured ? 'json' : 'text', 'sparing.run.id': run, 'sparing.feature': feature,
    },
  })
  link(span, traceparent)
  return {
    traceparent: traceparentFrom(span) ?? traceparent,
    ended({ usage, finish, failure }) {
      span.setAttributes({ ...usageAttributes(usage), ...failure === undefined && finish && { 'gen_ai.response.finish_reasons': [finish.replace('-', '_')] } })
      if (failure !== undefined) {
        span.setAttributes({ 'error.type': kindOf(failure) })
        span.setStatus({ code: error })
      }
      span.end()
    },
  }
}

function link(span: TraceSpan, traceparent: string | null): void {
  const [, traceId = '', spanId = '', flags = ''] = pattern.exec(traceparent ?? '') ?? []
  if (!traceId || span.spanContext().traceId === traceId) return
  span.addLink?.({ context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } })
}

/** A tracer that records nothing names no trace, and the request's own goes on. */
function traceparentFrom(span: TraceSpan): string | null {
  const { traceId, spanId, traceFlags } = span.spanContext()
  const value = `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
  return pattern.test(value) ? value : null
}

const usageAttributes = ({ input, cached, output, reasoning }: Usage): Attributes & Record<string, number> => ({
  'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output,
  ...cached > 0 && { 'gen_ai.usage.cache_read.input_tokens': cached }, ...reasoning > 0 && { 'gen_ai.usage.reasoning.output_tokens': reasoning },
})

/** Of few values, as the conventions want it: a status, or a word. */
function kindOf(failure: unknown): string {
  const facts = factsOf(failure)
  if (facts) return String(facts.httpStatus ?? facts.reason)
  return isSparingError(failure) ? failure.code : (failure as Error | null)?.name === 'AbortError' ? 'aborted' : '_OTHER'
}
