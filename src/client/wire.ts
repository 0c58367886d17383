import ky from 'ky'
import { AbortedError, errorOf, isCatalog, SparingError } from '../core/index.ts'
import type { Budget, BudgetNotice, Catalog } from '../core/index.ts'
import type { RunRecord, RunRequest } from '../protocol/run.ts'
import type { AIOptions, ModelSelectorSource } from './ai.ts'
import { orStopped } from './stop.ts'

/** The model selector as the client sees it. Every failure is a `SparingError`. */
export interface Wire {
  catalog(): Promise<Catalog>
  budgets(): Promise<readonly (Budget | BudgetNotice)[]>
  /**
   * @returns the stream of the run's parts
   * @throws {SparingError} the server's refusal, before any part
   */
  run(request: RunRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** @returns `null` when the server knows no such run */
  record(id: string): Promise<RunRecord | null>
}

export function createWire({ modelSelector, headers = {}, credentials = 'same-origin' }: AIOptions): Wire {
  const http = ky.create({
    // A model selector in the same process has no address; requests must have one.
    ...typeof modelSelector === 'string' ? { prefix: modelSelector } : { prefix: 'http://in-process.invalid', fetch: fetchFrom(modelSelector) },
    headers, credentials, throwHttpErrors: false, timeout: 10_000,
  })
  const get = async (path: string, options = {}) => json(await reached(http.get(path, options)))
  return {
    async catalog() {
      const catalog = await get('v1/catalog')
      if (isCatalog(catalog)) return catalog
      throw unreachable('something else than a catalog')
    },
    async budgets() {
      const { budgets } = (await get('v1/budget') ?? {}) as { budgets?: (Budget | BudgetNotice)[] }
      return Array.isArray(budgets) ? budgets : []
    },
    async run(request, signal) {
      // Never sent twice by itself: a retry is a new decision, with the same id.
      const response = await reached(http.post('v1/run', { json: request, signal, timeout: false, retry: 0, headers: { accept: 'text/event-stream' } }))
      if (response.ok && response.body) return response.body
      await json(response)
      throw unreachable('an empty stream')
    },
    // Asked again by whoever waits for the run, not from here.
    record: async id => get(`v1/runs/${id}`, { retry: 0 }).catch((error: SparingError) => {
      if (error.code === 'not-found') return null
      throw error
    }) as Promise<RunRecord | null>,
  }
}

/** As `fetch` does it: once the signal aborts, nobody waits for the answer or reads on. */
function fetchFrom(selector: Exclude<ModelSelectorSource, string>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    const answer = (async () => selector.fetch(request))().then(response => response.body
      ? new Response(response.body.pipeThrough(new TransformStream(), { signal }), response)
      : response)
    return orStopped(answer, signal)
  }
}

async function reached(request: Promise<Response>): Promise<Response> {
  try {
    return await request
  } catch (error) {
    if ((error as Error | null)?.name === 'AbortError') throw new AbortedError('The run was stopped.')
    throw unreachable('nothing', error)
  }
}

async function json(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw errorOf(body, response.status)
  return body
}

const unreachable = (answer: string, cause?: unknown) =>
  new SparingError('model-selector-unreachable', `The model selector answered ${answer}, so nothing was run. Check the connection, and its address.`, {}, { cause })
