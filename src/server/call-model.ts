import type { ReachableModel } from '../core/index.ts'
import type { Book, Wanted } from './book.ts'
import { factsOf, modelName } from './health.ts'
import type { Passage } from './health.ts'
import type { Settings } from './options.ts'
import { outputSchemaOf } from './output-schema.ts'
import { isToken } from './providers/answer-reader.ts'
import { endless, patience } from './providers/patience.ts'
import type { Patience } from './providers/patience.ts'
import { isWattHours, mostReported, mostWattHours, plausibleUsage } from './providers/plausible.ts'
import type { Provider, ProviderCall, ProviderPart, ProviderParts, ReportedUsage } from './providers/port.ts'
import { empty, silent, withheld } from './providers/upstream-failure.ts'
import { emptyTally, overran, usageOf } from './receipts.ts'
import type { Tally, Terms } from './receipts.ts'
import { outputOf } from './run-context.ts'
import type { RunContext } from './run-context.ts'
import { traceCall } from './tracing.ts'
import type { CallTrace } from './tracing.ts'
import { heeding } from './waiting.ts'

/** A call that may be made: what is wanted, under which terms, past which breaker. */
export interface Permitted {
  readonly wanted: Wanted
  readonly terms: Terms
  readonly passage: Passage
}

/**
 * Makes a call, notes it in the book while it goes on, and says of the model whether it worked.
 * @throws what the provider does, or an `UpstreamError` for one that was silent for too long, or answered with nothing
 */
export async function* callModel(run: RunContext, book: Book, { wanted, terms, passage }: Permitted, signal: AbortSignal): AsyncGenerator<readonly ProviderPart[]> {
  const tally = emptyTally()
  book.calls.push({ terms, tally })
  const trace = traceOf(run, terms)
  const since = performance.now()
  const wait = patienceWith(terms.model, run.settings, signal)
  let [over, failure] = [false, undefined as unknown]
  try {
    const provider = providerOf(run.settings.providers, terms.model.provider)
    const said = provider.stream(providerCall(run, wanted, terms, trace, wait.signal))
    // One that is left to itself may have had all of its input read.
    yield* heard(heeding(said, wait.signal, () => { tally.accepted = true }), tally, terms, { since, wait, run, hasTools: run.verbatim?.passthrough.tools !== undefined })
    if (wait.gaveUp) throw silent(wait.gaveUp)
    if (isEmpty(tally, terms) && !mayBeEmpty(run)) throw tally.finish === 'content-filter' ? withheld() : empty()
    over = true
  } catch (error) {
    over = true
    failure = wait.gaveUp && !signal.aborted ? silent(wait.gaveUp) : error
    tally.tooLong = factsOf(failure)?.fault === 'length'
    throw failure
  } finally {
    wait.stop()
    tally.seconds = (performance.now() - since) / 1_000
    if (!over || signal.aborted) passage.left()
    else if (failure === undefined) passage.worked()
    else passage.failed(failure)
    trace.ended({ usage: usageOf(tally, terms), finish: tally.cut ? 'length' : tally.finish, failure })
  }
}

/** Where the ceiling cut it, it said as much as it could; where nothing could be quoted, somebody else may know more. */
const isEmpty = ({ said, cut }: Tally, { model }: Terms): boolean => !said && !cut && model.kind === 'generative'

/** Callers of OpenAI's format may get nothing for an answer: where they say at which words it ends, or when all that was to be done a tool did. */
const mayBeEmpty = ({ verbatim }: RunContext): boolean =>
  verbatim !== undefined && (verbatim.passthrough.stop !== undefined || verbatim.messages.at(-1)?.role === 'tool')

/** Only generative models have a span: what quotes is no call of anybody. */
function traceOf(run: RunContext, { model, maxOutputTokens }: Terms): CallTrace {
  const { id, ask, settings, traceparent } = run
  const tracer = model.kind === 'generative' ? settings.tracer : undefined
  const provider = settings.providers.find(each => each.id === model.provider)?.tracedAs ?? model.provider
  return traceCall(tracer, { provider, model: model.id, run: id, feature: ask.feature, maxOutputTokens, structured: outputOf(run) !== undefined || run.verbatim?.schema !== undefined }, traceparent)
}

function providerCall({ id, ask, admitted, settings, verbatim }: RunContext, { messages }: Wanted, { model, effort, maxOutputTokens }: Terms, { traceparent }: CallTrace, signal: AbortSignal): ProviderCall {
  const output = outputOf({ ask, settings, verbatim })
  return {
    run: id, model: model.id, feature: ask.feature, task: admitted.feature.task, input: ask.input, messages, maxOutputTokens, effort, signal,
    ...output && { schema: outputSchemaOf(ask.feature, output) }, ...verbatim && { passthrough: verbatim.passthrough, ...verbatim.schema && { schema: verbatim.schema } }, ...traceparent && { headers: { traceparent } },
  }
}

/** With one that gives up by itself nobody has to be patient, which costs a run more than its id. */
function patienceWith({ provider: id }: ReachableModel, { providers, silence }: Settings, signal: AbortSignal): Patience {
  const limit = providers.find(each => each.id === id)?.silence ?? silence
  return limit === Infinity ? endless(signal) : patience(signal, { first: limit, idle: limit })
}

function providerOf(providers: readonly Provider[], id: string): Provider {
  const provider = providers.find(each => each.id === id)
  if (!provider) throw new Error(`The provider "${id}" is in the catalog and not in the options.`)
  return provider
}

interface Listening {
  /** By the clock of `performance`. */
  readonly since: number
  readonly wait: Patience
  readonly run: Pick<RunContext, 'health' | 'settings'>
  /** A model may imagine tools that nobody gave it. */
  readonly hasTools: boolean
}

async function* heard(said: ProviderParts, tally: Tally, { model, maxOutputTokens }: Terms, { since, wait, run, hasTools }: Listening): AsyncGenerator<readonly ProviderPart[]> {
  for await (const together of said) {
    const parts = isList(together) ? together : [together]
    const says = parts.some(isToken)
    if (says) wait.token()
    else wait.heard()
    if (says && !tally.said) tally.said = hasTools || parts.some(part => part.type !== 'tool-call' && isToken(part))
    const last = parts.findIndex(part => {
      if (!note(part, tally, model)) tellOf(part, model, run)
      return model.kind === 'generative' && overran(tally, maxOutputTokens)
    })
    if (tally.events > 0) tally.first ??= (performance.now() - since) / 1_000
    yield last < 0 ? parts : parts.slice(0, last + 1)
    // Leaving the loop stops the upstream: nobody agreed to more than this.
    if (last >= 0) {
      tally.cut = true
      return
    }
  }
}

const isList = (together: ProviderPart | readonly ProviderPart[]): together is readonly ProviderPart[] => Array.isArray(together)

/** @returns whether what was said can be: figures that cannot are no report, each by itself */
function note(part: ProviderPart, tally: Tally, { kind }: ReachableModel): boolean {
  switch (part.type) {
    case 'accepted': tally.accepted = true; break
    case 'text':
    case 'reasoning':
    case 'tool-call': noteWords(part, tally); break
    case 'usage':
      tally.reported = plausibleUsage(part.usage)
      return isSame(part.usage, tally.reported)
    case 'energy':
      // No model writes for nothing: that is what a meter says which is not there. A quote may take no time that a clock shows.
      if (isWattHours(part.wh) || (kind === 'extractive' && part.wh === 0)) tally.measuredWh = part.wh
      return isWattHours(part.wh) || part.wh === 0
    case 'finish':
      tally.cut = part.reason === 'length'
      tally.finish = part.reason
  }
  return true
}

function noteWords(part: Extract<ProviderPart, { type: 'text' | 'reasoning' | 'tool-call' }>, tally: Tally): void {
  const isCall = part.type === 'tool-call'
  if (part.type === 'text') tally.answer += part.text
  // It was counted when it came.
  if (!isCall && part.again) return
  const written = isCall ? part.arguments : part.text
  tally.text += written
  tally.events++
  if (!/\S/.test(written)) tally.blank++
  // A report from before this says nothing of it.
  tally.reported = null
}

const tokenClasses = ['input', 'cached', 'output', 'reasoning', 'written'] as const

const isSame = (said: ReportedUsage | undefined, believed: ReportedUsage | null): boolean => tokenClasses.every(each => said?.[each] === believed?.[each])

/** Whoever runs the server hears of it once for each model and unit. */
function tellOf(part: ProviderPart, model: ReachableModel, { health, settings }: Listening['run']): void {
  const unit = part.type === 'energy' ? 'wh' : 'tokens'
  if (health.isNews(model, `no ${unit}`)) settings.onError(impossible(modelName(model), part))
}

function impossible(model: string, part: ProviderPart): RangeError {
  const [said, instead, can] = part.type === 'energy'
    ? [`${part.wh} watt-hours`, 'what is modelled', `watt-hours above 0, ${mostWattHours} at most`]
    : [`tokens that no call can have (${JSON.stringify(part.type === 'usage' && part.usage)})`, 'what is counted here', `whole numbers from 0 to ${mostReported}`]
  return new RangeError(`"${model}" reports ${said} for a call, which cannot be. That is taken for no report, and ${instead} stands in for it. Let its provider report ${can}, or nothing; this is said once.`)
}
