import { isCatalog } from '../core/index.ts'
import type { Budget, BudgetNotice, Catalog } from '../core/index.ts'
import { policyHeader } from '../protocol/policy.ts'
import type { AIOptions, ModelSelectorSource } from './ai.ts'
import { orStopped } from './stop.ts'

/** The way to the model selector, and what is asked of it before anybody acts. What acts need is in `requests.ts`. */
export interface Wire {
  /** What every path begins with. */
  readonly address: string
  readonly fetch: typeof fetch
  /** What every request carries. */
  readonly init: Pick<RequestInit, 'headers' | 'credentials'>
  /**
   * @param known the version that is here already
   * @returns `null` while it is that one
   * @throws {Error} where it could not be had
   */
  catalog(known: string | undefined): Promise<Catalog | null>
  /** @throws {Error} where they could not be had */
  budgets(): Promise<readonly (Budget | BudgetNotice)[]>
}

/** Milliseconds that an answer may take. */
export const patience = 10_000

/** @param heard told, with every answer, the revision of the policy that it was made under */
export function createWire({ modelSelector, headers = {}, credentials = 'same-origin' }: AIOptions, heard: (revision: number) => void): Wire {
  // A model selector in the same process has no address; requests must have one.
  const address = typeof modelSelector === 'string' ? modelSelector.replace(/\/+$/, '') : 'http://in-process.invalid'
  const send = typeof modelSelector === 'string' ? globalFetch : fetchFrom(modelSelector)
  const listening: typeof fetch = async (input, init) => {
    const response = await send(input, init)
    const revision = response.headers.get(policyHeader)
    if (revision !== null) heard(Number(revision))
    return response
  }
  const get = (path: string, own: Record<string, string> = {}) =>
    listening(`${address}/v1/${path}`, { credentials, headers: { ...headers, ...own }, signal: AbortSignal.timeout(patience) })
  return {
    address, fetch: listening, init: { headers, credentials },
    async catalog(known) {
      const response = await get('catalog', known === undefined ? {} : { 'if-none-match': `"${known}"` })
      if (response.status === 304) return null
      const catalog: unknown = await response.json()
      if (response.ok && isCatalog(catalog)) return catalog
      throw new Error('The model selector answered with something else than a catalog.')
    },
    async budgets() {
      const response = await get('budget')
      const { budgets } = (await response.json() ?? {}) as { budgets?: (Budget | BudgetNotice)[] }
      if (response.ok && Array.isArray(budgets)) return budgets
      throw new Error('The model selector answered with something else than budgets.')
    },
  }
}

/** As it is at the time: a page may have replaced it since. */
const globalFetch: typeof fetch = (input, init) => fetch(input, init)

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
