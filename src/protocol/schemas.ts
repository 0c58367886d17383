import * as z from 'zod/mini'
import { efforts, isWindow, provenances, runStatuses, tasks, tiers, units } from '../core/index.ts'
import type { Budget, BudgetNotice, Catalog, Ceiling, Choice, Cost, Embodied, Estimate, Only, OptIn, Range, Ranges, Receipt, RunInput, Usage, Window } from '../core/index.ts'
import type { OptInsAnswer } from './opt-ins.ts'
import type { Policy, PolicyAnswer, PolicyRequest } from './policy.ts'
import type { KeysAnswer } from './receipt-signature.ts'
import { outcomes } from './run.ts'
import type { BudgetAnswer, EstimateAnswer, EstimateRequest, OutcomeRequest, ReceiptsAnswer, RunRecord, RunResult } from './run.ts'

// Every shape on the wire. The domain's types stand in `core`; a schema that drifts from its type does not compile.

const name = z.string().check(z.minLength(1), z.maxLength(200))
const amount = z.number().check(z.gte(0))
const count = z.int().check(z.gte(0))
const known = z.nullable(amount)
const tier = z.enum(tiers)
const effort = z.enum(efforts)
const generativeTier = z.enum(['eco', 'standard', 'max'])
const trigger = z.enum(['user', 'background'])
const mode = z.enum(['off', 'observe', 'offer'])
const time = amount
const window = z.custom<Window>(isWindow)

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
  id: name, feature: name, tier, effort, ceiling, catalogVersion: name, at: time, after: z.exactOptional(time), lapsesAt: z.nullable(time),
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
  trigger: z._default(trigger, 'background'),
  estimate: z._default(z.nullable(name), null),
})

const reason = z.object({ code: name, text: z.string() })
export const choice: z.ZodMiniType<Choice> = z.object({
  model: name, provider: name, tier, effort, need: z.enum(['none', 'generate', 'reason']), reasons: z.array(reason),
})
export const usage: z.ZodMiniType<Usage> = z.object({
  input: count, cached: count, output: count, reasoning: count, written: z.exactOptional(count), batch: z.exactOptional(z.boolean()), source: z.enum(['reported', 'counted', 'assumed']),
})

const provenance = z.enum(provenances)
const starsSource = z.enum(['published', 'estimated'])
export const estimate: z.ZodMiniType<Estimate> = z.object({
  id: name, status: z.literal('ready'), feature: name, tier, effort, model: name, catalogVersion: name,
  tokens: z.object({ input: range, output: range }), cost: ranges, seconds: z.nullable(range), stars: known, ceiling,
  provenance: z.object({ usd: provenance, wh: provenance, stars: z.exactOptional(starsSource) }), baseline: ranges,
})

const only: z.ZodMiniType<Only> = z.object({ feature: z.exactOptional(name), tier: z.exactOptional(tier), trigger: z.exactOptional(trigger) })
export const budget: z.ZodMiniType<Budget> = z.object({
  id: name, scope: name, unit: z.enum(units), window, timeZone: name, limit: amount, settled: amount,
  held: amount, available: amount, resetsAt: known, revision: count, only: z.exactOptional(only),
})
export const budgetNotice: z.ZodMiniType<BudgetNotice> = z.object({ id: name, exceeded: z.boolean(), resetsAt: known, only: z.exactOptional(only) })
export const budgetAnswer: z.ZodMiniType<BudgetAnswer> = z.object({ budgets: z.array(z.union([budget, budgetNotice])) })

const embodied: z.ZodMiniType<Embodied> = z.object({ gco2e: range })
export const receipt: z.ZodMiniType<Receipt> = z.object({
  id: runId, feature: name, status: z.enum(runStatuses), choice, usage, cost, estimate, optIn: z.nullable(name),
  provenance: z.exactOptional(z.object({ usd: provenance, wh: provenance })), embodied: z.exactOptional(embodied),
  budgets: z.array(budget), replayed: z.exactOptional(z.boolean()), at: time, signature: z.nullable(z.string()),
})
const record = { id: runId, status: z.enum(['running', 'ended']), receipt: z.nullable(receipt) }
export const runRecord: z.ZodMiniType<RunRecord> = z.object(record)
export const receiptsAnswer: z.ZodMiniType<ReceiptsAnswer> = z.object({ runs: z.array(z.object({ ...record, identity: name })) })
export const outcomeRequest: z.ZodMiniType<OutcomeRequest> = z.object({ outcome: z.enum(outcomes), enough: z.exactOptional(z.boolean()) })
  .check(z.refine(({ outcome, enough }) => (outcome === 'rated') === (enough !== undefined), { path: ['enough'] }))
export const keysAnswer: z.ZodMiniType<KeysAnswer> = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: name, kid: name, alg: z.literal('EdDSA'), use: z.literal('sig') })),
})
export const runResult: z.ZodMiniType<RunResult> = z.object({ id: runId, text: z.string(), object: z.optional(z.unknown()), choice, receipt })
export const estimateAnswer: z.ZodMiniType<EstimateAnswer> = z.object({ estimate, embodied: z.exactOptional(embodied), choice })

const classPrices = { input: count, cached: count, output: count, written: z.exactOptional(count), reasoning: z.exactOptional(count) }
const prices = z.object({
  ...classPrices, long: z.exactOptional(z.array(z.object({ ...classPrices, above: count }))), batch: z.exactOptional(amount),
})
const energy = z.object({ request: range, input: range, output: range, attention: z.exactOptional(range), most: z.exactOptional(amount), embodied: z.exactOptional(z.object({ request: range, output: range })) })
const model = z.object({
  id: name, provider: name, tier, kind: z.enum(['generative', 'extractive']), tasks: z.nullable(z.array(z.enum(tasks))),
  context: z.nullable(count), efforts: z.array(effort), price: z.nullable(prices), energy: z.nullable(energy),
  pace: z.nullable(z.object({ first: range, each: range })), stars: known, starsFrom: z.exactOptional(starsSource),
  strength: z.exactOptional(amount), informed: z.exactOptional(z.array(name)), provenance: z.object({ usd: provenance, wh: provenance }),
})
const feature = z.object({
  task: z.enum(tasks), baseline: name, tier: generativeTier, effort, maxInputTokens: count, maxOutputTokens: count,
  mode, background: z.boolean(), purpose: z.optional(z.literal('access')), structured: z.exactOptional(z.literal(true)), adequate: z.exactOptional(amount),
  overhead: count, output: range,
  lengths: z.optional(z.record(z.string(), z.partialRecord(effort, range))), count: z.optional(range),
  spread: z.optional(z.record(z.string(), z.partialRecord(z.enum(['usd', 'wh', 'seconds']), z.tuple([amount, amount])))),
  adequacy: z.optional(z.record(z.string(), z.object({ low: amount, mid: amount, high: amount, evidence: amount }))),
})
const carbon = z.object({ gco2ePerWh: amount, zone: name, year: count })
export const catalog: z.ZodMiniType<Catalog> = z.object({
  version: name, models: z.array(model), features: z.record(z.string(), feature),
  policy: z.object({ revision: count, owner: z.nullable(z.string()), pays: z.boolean(), carbon, mix: z.exactOptional(z.object({ usd: amount, wh: amount })), explore: z.exactOptional(amount.check(z.lte(1))) }),
})

const limit = z.partialRecord(z.enum(units), amount)
const percent = amount.check(z.lte(100))
/** What is changed of the configuration; names that nobody configured are refused by whoever knows them. */
export const policy = z.object({
  limits: z.record(name, limit),
  features: z.record(name, z.object({ mode: z.exactOptional(mode), percent: z.exactOptional(percent) })),
  off: z.object({ everything: z.boolean(), features: z.array(name), tiers: z.array(generativeTier) }),
}) satisfies z.ZodMiniType<Policy>
export const policyRequest: z.ZodMiniType<PolicyRequest> = z.extend(policy, { revision: count, author: name })
export const policyAnswer: z.ZodMiniType<PolicyAnswer> = z.extend(policy, {
  revision: count, author: z.nullable(name), at: known,
  inForce: z.object({
    budgets: z.array(z.object({ id: name, scope: name, per: window, limit })),
    features: z.record(name, z.object({ mode, percent })),
    tiersOff: z.array(tier),
  }),
})
export const optInsAnswer: z.ZodMiniType<OptInsAnswer> = z.object({
  records: z.array(optIn), revoked: z.array(z.object({ feature: name, at: time })),
})

/** RFC 9457, with this package's types. */
export const problem = z.looseObject({
  type: z.string().check(z.startsWith('urn:sparing:')), title: name, status: z.int().check(z.gte(400), z.lt(600)), detail: name,
})
