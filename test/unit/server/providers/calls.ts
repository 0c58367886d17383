import type { UpstreamError } from '../../../../src/core/index.ts'
import type { ProviderCall, ProviderPart, ProviderParts, ReportedUsage } from '../../../../src/server/index.ts'

/** A call of the model "small", changed as a test needs it. */
export const callOf = (change: Partial<ProviderCall> = {}): ProviderCall => ({
  run: 'run-00000001', model: 'small', feature: 'summary', task: 'summarize', input: { text: 'a' }, messages: [{ role: 'user', content: 'a' }],
  maxOutputTokens: 40, effort: 'none', signal: new AbortController().signal, ...change,
})

export interface Heard {
  readonly types: string[]
  readonly text: string
  readonly reasoning: string
  /** The last report. */
  readonly usage: ReportedUsage | null
  readonly wh: number | null
  readonly finish: string | null
  readonly tools: { id?: string; name?: string; arguments: string }[]
  readonly error: UpstreamError | null
}

/** Everything that was said until it ended, and how it ended. */
export async function heard(said: ProviderParts): Promise<Heard> {
  const all: ProviderPart[] = []
  let error: UpstreamError | null = null
  try {
    for await (const parts of said) all.push(...[parts].flat())
  } catch (failure) {
    error = failure as UpstreamError
  }
  const textOf = (type: 'text' | 'reasoning') => all.map(part => part.type === type ? part.text : '').join('')
  const usage = all.findLast(part => part.type === 'usage')?.usage ?? null
  const wh = all.findLast(part => part.type === 'energy')?.wh ?? null
  const finish = all.findLast(part => part.type === 'finish')?.reason ?? null
  return { types: all.map(({ type }) => type), text: textOf('text'), reasoning: textOf('reasoning'), usage, wh, finish, tools: toolsIn(all), error }
}

/** The calls of tools, put together from their pieces. */
function toolsIn(parts: readonly ProviderPart[]): Heard['tools'] {
  const calls: Heard['tools'] = []
  for (const part of parts) {
    if (part.type !== 'tool-call') continue
    const { index, id, name, arguments: args } = part
    const before = calls[index]
    calls[index] = { ...before, ...id !== undefined && { id }, ...name !== undefined && { name }, arguments: (before?.arguments ?? '') + args }
  }
  return calls
}
