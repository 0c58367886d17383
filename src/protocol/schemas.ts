import * as z from 'zod/mini'
import { efforts, runStatuses, tasks, tiers, units, windows } from '../core/index.ts'
import type { Budget, BudgetNotice, Catalog, Ceiling, Choice, Cost, Estimate, OptIn, Range, Ranges, Receipt, RunInput, Usage } from '../core/index.ts'
import type { BudgetAnswer, EstimateAnswer, EstimateRequest, RunRecord, RunResult } from './run.ts'

// Every shape on the wire. The domain's types stand in `core`; a schema that drifts from its type does not compile.

const name = z.string().check(z.minLength(1), z.maxLength(200))
const amount = z.number().check(z.gte(0))
const count = z.int().check(z.gte(0))
const known = z.nullable(amount)
const tier = z.enum(tiers)
const effort = z.enum(efforts)
const time = amount

export const range: z.ZodMiniType<Range> = z.object({ low: amount, mid: amount, high: amount })
export const ranges: z.ZodMiniType<Ranges> = z.object({ usd: z.nullable(range), wh: z.nullable(range), gco2e: z.nullable(range) })
export const cost: z.ZodMiniType<Cost> = z.object({ usd: known, wh: known, gco2e: known })
export const ceiling: z.ZodMiniType<Ceiling> = z.object({ usd: known, wh: known, outputTokens: count })

const message = z.object({ role: z.enum(['user', 'assistant']), content: z.string() })
export const runInput = z.union([
  z.strictObject({ text: z.string(), query: z.exactOptional(z.string()) }),
  z.strictObject({ messages: z.array(message).check(z.minLength(1), z.maxLength(1_000)) }),
]) satisfies z.ZodMiniType<RunInput>

export const optIn: z.ZodMiniType<OptIn> = z.object({
  id: name, feature: name, tier, effort, ceiling, catalogVersion: name, at: time, lapsesAt: z.nullable(time),
  scope: z.union([z.enum(['once', 'session', 'always']), z.object({ days: z.number().check(z.gt(0)) })]),
  origin: z.enum(['control', 'settings', 'call']),
})

/** Ids travel in URLs and become ledger keys. */
export const runId = z.string().check(z.regex(/^[\w-]{8,64}$/))

const asked = { feature: name, input: runInput, tier: z._default(tier, 'eco'), effort: z._default(effort, 'none') }
export const estimateRequest = z.object(asked) satisfies z.ZodMiniType<EstimateRequest>
/** An opt-in is checked by the server against the run, so any JSON may stand there: what is wrong with it is a refusal, not a malformed request. */
export const runRequest = z.object({
  ...asked, id: runId, ceiling,
  optIn: z.optional(z.unknown()),
  trigger: z._default(z.enum(['user', 'background']), 'background'),
  estimate: z._default(z.nullable(name), null),
})

const reason = z.object({ code: name, text: z.string() })
export const choice: z.ZodMiniType<Choice> = z.object({
  model: name, provider: name, tier, effort, need: z.enum(['none', 'generate', 'reason']), reasons: z.array(reason),
})
export const usage: z.ZodMiniType<Usage> = z.object({
  input: count, cached: count, output: count, reasoning: count, source: z.enum(['reported', 'counted', 'assumed']),
})

const provenance = z.enum(['measured', 'modelled', 'class', 'local', 'unknown'])
export const estimate: z.ZodMiniType<Estimate> = z.object({
  id: name, status: z.literal('ready'), feature: name, tier, effort, model: name, catalogVersion: name,
  tokens: z.object({ input: range, output: range }), cost: ranges, seconds: z.nullable(range), stars: known, ceiling,
  provenance: z.object({ usd: provenance, wh: provenance }), baseline: ranges,
})

export const budget: z.ZodMiniType<Budget> = z.object({
  id: name, scope: name, unit: z.enum(units), window: z.enum(windows), timeZone: name, limit: amount, settled: amount,
  held: amount, available: amount, resetsAt: known, revision: count,
})
export const budgetNotice: z.ZodMiniType<BudgetNotice> = z.object({ id: name, exceeded: z.boolean(), resetsAt: known })
export const budgetAnswer: z.ZodMiniType<BudgetAnswer> = z.object({ budgets: z.array(z.union([budget, budgetNotice])) })

export const receipt: z.ZodMiniType<Receipt> = z.object({
  id: runId, feature: name, status: z.enum(runStatuses), choice, usage, cost, estimate, optIn: z.nullable(name),
  budgets: z.array(budget), replayed: z.exactOptional(z.boolean()), at: time, signature: z.nullable(z.string()),
})
export const runRecord: z.ZodMiniType<RunRecord> = z.object({ id: runId, status: z.enum(['running', 'ended']), receipt: z.nullable(receipt) })
export const runResult: z.ZodMiniType<RunResult> = z.object({ id: runId, text: z.string(), object: z.optional(z.unknown()), choice, receipt })
export const estimateAnswer: z.ZodMiniType<EstimateAnswer> = z.object({ estimate, choice })

const prices = z.object({ input: count, cached: count, output: count })
const energy = z.object({ request: range, input: range, output: range })
const model = z.object({
  id: name, provider: name, tier, kind: z.enum(['generative', 'extractive']), tasks: z.nullable(z.array(z.enum(tasks))),
  context: count, efforts: z.array(effort), price: z.nullable(prices), energy: z.nullable(energy),
  pace: z.nullable(z.object({ first: range, each: range })), stars: known, provenance: z.object({ usd: provenance, wh: provenance }),
})
const feature = z.object({
  task: z.enum(tasks), baseline: name, tier: z.enum(['eco', 'standard', 'max']), effort, maxInputTokens: count, maxOutputTokens: count,
  mode: z.enum(['off', 'observe', 'offer']), background: z.boolean(), purpose: z.optional(z.literal('access')), overhead: count, output: range,
  lengths: z.optional(z.record(z.string(), z.partialRecord(effort, range))), count: z.optional(range),
  spread: z.optional(z.partialRecord(z.enum(['usd', 'wh', 'seconds']), z.tuple([amount, amount]))),
})
const carbon = z.object({ gco2ePerWh: amount, zone: name, year: count })
export const catalog: z.ZodMiniType<Catalog> = z.object({
  version: name, models: z.array(model), features: z.record(z.string(), feature),
  policy: z.object({ owner: z.nullable(z.string()), pays: z.boolean(), carbon }),
})

/** RFC 9457, with this package's types. */
export const problem = z.looseObject({
  type: z.string().check(z.startsWith('urn:sparing:')), title: name, status: z.int().check(z.gte(400), z.lt(600)), detail: name,
})
