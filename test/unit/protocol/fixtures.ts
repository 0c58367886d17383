import { readFileSync } from 'node:fs'
import { schemas } from '../../../src/protocol/index.ts'

const read = (name: string): string => readFileSync(new URL(`../../fixtures/wire/${name}`, import.meta.url), 'utf8')

/** The golden JSON of a shape, fresh each time. */
export const golden = (shape: string): unknown => JSON.parse(read(`${shape}.json`)) as unknown
export const stream = read('stream.txt')
export const failedStream = read('stream-failed.txt')
/** Of a run whose answer is an object, which the model got wrong at first. */
export const objectStream = read('stream-object.txt')
/** What the golden receipts are signed under. */
export const goldenSecret = 'the secret of the golden wire'

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
}

/** Every golden JSON with the schema it must fit. */
export const shapes: Readonly<Record<string, Schema>> = {
  'range': schemas.range,
  'ranges': schemas.ranges,
  'cost': schemas.cost,
  'run-request-text': schemas.runRequest,
  'run-request-query': schemas.runRequest,
  'run-request-messages': schemas.runRequest,
  'ceiling': schemas.ceiling,
  'estimate': schemas.estimate,
  'choice': schemas.choice,
  'usage': schemas.usage,
  'receipt': schemas.receipt,
  'run-result': schemas.runResult,
  'opt-in': schemas.optIn,
  'budget': schemas.budget,
  'budget-notice': schemas.budgetNotice,
  'catalog': schemas.catalog,
  'catalog-learned': schemas.catalog,
  'problem': schemas.problem,
  'run-record': schemas.runRecord,
  'receipts-answer': schemas.receiptsAnswer,
  'estimate-answer': schemas.estimateAnswer,
  'budget-answer': schemas.budgetAnswer,
  'outcome-request': schemas.outcomeRequest,
  'keys-answer': schemas.keysAnswer,
  'policy-request': schemas.policyRequest,
  'policy-answer': schemas.policyAnswer,
  'opt-ins-answer': schemas.optInsAnswer,
}

export type Path = readonly (string | number)[]

/** Every place in a JSON value but its root, parents first. */
export function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    return [here, ...placesIn(inner, here)]
  })
}

/** A copy with something else, or nothing, at one place. */
export function changed(value: unknown, path: Path, change: (old: unknown) => unknown): unknown {
  const copy = structuredClone(value) as never
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as never, copy)
  const key = path.at(-1)!
  const next = change(parent[key])
  if (next === undefined) delete parent[key]
  else parent[key] = next
  return copy
}

export const at = (value: unknown, path: Path): unknown => path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value)

/** Values of every JSON type but the one that is there; `null` only where it would be no "unknown". */
export const otherTypes = (old: unknown): unknown[] => [true, 'another-text', -1, [], { another: 1 }]
  .filter(other => typeof other !== typeof old || Array.isArray(other) !== Array.isArray(old))
