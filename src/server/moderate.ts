import { isSparingError, SparingError } from '../core/index.ts'
import type { RunInput } from '../core/index.ts'
import { schemas } from '../protocol/index.ts'
import type { Said } from './answer.ts'
import type { HookContext, HookRefusal, RunHooks, RunOutput, Verdict } from './hooks.ts'
import type { ToolCall } from './providers/port.ts'
import type { RunContext } from './run-context.ts'
import { callCollector } from './tool-calls.ts'
import { waitFor } from './waiting.ts'

type Moment = 'before' | 'after'

/** Milliseconds. */
const longestCheck = 30_000

type Checked = Pick<RunContext, 'id' | 'ask' | 'admitted' | 'draw' | 'settings' | 'verbatim'>

/**
 * The input as it may be run.
 * @throws {SparingError} what the host refuses with, or `internal` where its check failed
 */
export async function inputAfter(hook: RunHooks['before'], run: Checked): Promise<RunInput> {
  const { input } = run.ask
  if (!hook) return input
  const changed = await verdictOf(() => hook(input, contextOf(run)), 'before', run)
  if (changed == null) return input
  const parsed = schemas.runInput.safeParse(changed)
  if (parsed.success) return parsed.data
  throw broken('before', new TypeError('What onRun.before gave is no input. Give { text }, { text, query } or { messages }, nothing, or { refuse }.'), run)
}

/** Holds an answer back until the host has seen it whole. Without a hook it goes on as it comes. */
export function released(run: Checked, said: AsyncIterable<readonly Said[]>, signal: AbortSignal): AsyncIterable<readonly Said[]> {
  const hook = run.settings.onRun.after
  return hook ? heldBack(hook, run, said, signal) : said
}

async function* heldBack(hook: NonNullable<RunHooks['after']>, run: Checked, said: AsyncIterable<readonly Said[]>, signal: AbortSignal): AsyncGenerator<readonly Said[]> {
  let text = ''
  let object: unknown
  // A model may imagine tools that nobody gave it.
  const tools = run.verbatim?.passthrough.tools && callCollector()
  for await (const parts of said) {
    for (const part of parts) {
      switch (part.type) {
        case 'choice': yield [part]; break
        case 'text': text += part.text; break
        case 'repair': text = ''; break
        case 'object': ({ object } = part); break
        case 'tool-call': tools?.add(part)
      }
    }
  }
  yield toldOf(await outputAfter(hook, { text, ...object !== undefined && { object }, ...tools?.calls.length && { toolCalls: tools.calls } }, run, signal))
}

const toldOf = ({ text, object, toolCalls = [] }: RunOutput): Said[] => [
  ...text ? [{ type: 'text', text } as const] : [],
  ...object === undefined ? [] : [{ type: 'object', object } as const],
  ...toolCalls.map((call, index) => ({ ...call, type: 'tool-call', index } as const)),
]

async function outputAfter(hook: NonNullable<RunHooks['after']>, output: RunOutput, run: Checked, signal: AbortSignal): Promise<RunOutput> {
  const changed = await verdictOf(() => hook(output, contextOf(run)), 'after', run, signal)
  if (changed == null) return output
  if (!isOutput(changed)) throw broken('after', new TypeError('What onRun.after gave is no output. Give { text } with any object and toolCalls, nothing, or { refuse }.'), run)
  return changed
}

function isOutput({ text, toolCalls = [] }: { readonly [K in keyof RunOutput]?: unknown }): boolean {
  const isCall = (call: { readonly [K in keyof ToolCall]?: unknown } | null) => [call?.id, call?.name, call?.arguments].every(each => typeof each === 'string')
  return typeof text === 'string' && Array.isArray(toolCalls) && toolCalls.every(isCall)
}

async function verdictOf<T>(ask: () => Verdict<T> | Promise<Verdict<T>>, which: Moment, run: Checked, signal?: AbortSignal): Promise<Exclude<Verdict<T>, HookRefusal>> {
  let verdict: Verdict<T>
  try {
    verdict = await waitFor(ask(), { timeout: run.settings.onRun.timeout ?? longestCheck, signal, what: `onRun.${which}` })
  } catch (cause) {
    // Nobody waits for the verdict any longer.
    if (signal?.aborted) throw signal.reason
    throw isSparingError(cause) ? cause : broken(which, cause, run)
  }
  if (typeof verdict === 'object' && verdict !== null && 'refuse' in verdict) throw new SparingError('refused-by-host', String(verdict.refuse))
  return verdict as Exclude<Verdict<T>, HookRefusal>
}

/** What the check said may quote what it checked, so it goes to the operator only. */
function broken(which: Moment, cause: unknown, { settings }: Checked): SparingError {
  settings.onError(cause)
  return new SparingError('internal', which === 'before' ? 'What is asked could not be checked, so nothing was run or spent. Try again.' : 'The answer could not be checked, so it is not shown. What was used was counted; try again.', {}, { cause })
}

const contextOf = ({ id, ask, admitted, draw, verbatim }: Checked): HookContext =>
  ({ run: id, feature: ask.feature, task: admitted.feature.task, tier: ask.tier, identity: draw.identity.caller, ...verbatim && { request: verbatim } })
