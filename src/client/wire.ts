import ky from 'ky'
import { errorOf, isCatalog, SparingError } from '../core/index.ts'
import type { Budget, BudgetNotice, Catalog } from '../core/index.ts'
import { readParts } from '../protocol/parts.ts'
import type { StreamPart } from '../protocol/parts.ts'
import type { RunRecord, RunRequest } from '../protocol/run.ts'
import type { AIOptions } from './ai.ts'

/** The model selector as the client sees it. Every failure is a `SparingError`. */
export interface Wire {
  catalog(): Promise<Catalog>
  budgets(): Promise<readonly (Budget | BudgetNotice)[]>
  /** @throws {SparingError} the server's refusal, before any part */
  run(request: RunRequest, signal: AbortSignal): Promise<AsyncGenerator<StreamPart>>
  /** @returns `null` when the server knows no such run */
  record(id: string): Promise<RunRecord | null>
}

export function createWire({ modelSelector, headers = {}, credentials = 'same-origin' }: AIOptions): Wire {
  const inProcess = typeof modelSelector !== 'string'
  const http = ky.create({
    // A model selector in the same process has no address; requests must have one.
    prefix: inProcess ? 'http://in-process.invalid' : modelSelector, headers, credentials,
    ...inProcess && { fetch: async (input, init) => modelSelector.fetch(new Request(input, init)) },
    throwHttpErrors: false, timeout: 10_000,
  })
  const get = async (path: string) => json(await reached(http.get(path)))
  return {
    async catalog() {
      const catalog = await get('v1/catalog')
      if (isCatalog(catalog)) return catalog
      throw unreachable('something else than a catalog')
    },
    budgets: async () => (await get('v1/budget') as { budgets: (Budget | BudgetNotice)[] }).budgets ?? [],
    async run(request, signal) {
      // Never sent twice by itself: a retry is a new decision, with the same id.
      const response = await reached(http.post('v1/run', { json: request, signal, timeout: false, retry: 0, headers: { accept: 'text/event-stream' } }))
      if (!response.ok || !response.body) await json(response)
      return readParts(response.body!)
    },
    record: async id => get(`v1/runs/${id}`).catch((error: SparingError) => {
      if (error.code === 'not-found') return null
      throw error
    }) as Promise<RunRecord | null>,
  }
}

async function reached(request: Promise<Response>): Promise<Response> {
  try {
    return await request
  } catch (error) {
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
