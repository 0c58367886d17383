import { defineFeatures, newId } from '../core/index.ts'
import type { CatalogPolicy, Features, Mix } from '../core/index.ts'
import { secondsOf } from '../core/window.ts'
import { grids } from '../catalog/index.ts'
import type { TokenCounter } from '../catalog/index.ts'
import type { Classifier } from '../routing/index.ts'
import { faultOfApiKeys } from './api-key.ts'
import type { ApiKeys } from './api-key.ts'
import { faultOfLabels } from './budget-labels.ts'
import { clientAddress } from './client-address.ts'
import type { RunHooks } from './hooks.ts'
import { guarded } from './ledger/guarded.ts'
import type { Ledger } from './ledger/port.ts'
import { memoryLedger } from './ledger/memory.ts'
import type { Name } from './names.ts'
import { faultOfShapes, shapes } from './option-shapes.ts'
import type { Shape } from './option-shapes.ts'
import type { Prompt } from './prompts.ts'
import type { Provider } from './providers/port.ts'
import type { SigningKey } from './receipt-keys.ts'
import { budgetsOr } from './server-budget.ts'
import type { ServerBudget } from './server-budget.ts'
import type { Tracer } from './tracing.ts'
import { faultOfTimeout } from './waiting.ts'
import { isWellKnown } from './well-known.ts'

/** Who is asking, as the host knows it: `user` and any labels that budgets go by, such as `org` or `plan`; of 1,000 bytes each at most. */
export type Caller = Readonly<{ user: string } & Record<string, string>>

/**
 * What `identify` gives: `user` and labels, as text or as numbers, which are taken as the text of their digits. What
 * cannot be a name (an object, NaN, a number beyond 2^53) refuses the request and is told to `onError`, in `user` and in
 * labels that budgets go by. `null` says that somebody has none of a label on purpose, so that budgets of that scope
 * are not for them; all callers who merely lack it share one pot of each.
 */
export type KnownCaller = Readonly<{ user: Name } & Record<string, Name | null>>

export interface ModelSelectorOptions {
  readonly features: Features
  readonly providers: readonly Provider[]
  /** By feature. Every task has a built-in one. */
  readonly prompts?: Readonly<Record<string, Prompt>>
  /** @default a ledger in memory */
  readonly ledger?: Ledger
  /**
   * People whom nobody knows also draw on a budget of their network and on one of all of them together:
   * 0.30 USD, 60 Wh and 150 runs, and 1 USD, 200 Wh and 500 runs a day, unless there is one of that scope.
   * @default 0.10 USD, 20 Wh and 50 runs a day for each user
   */
  readonly budgets?: readonly ServerBudget[]
  /** Who asks. Without it, or where it gives nothing, people are anonymous and known by a signed cookie. */
  readonly identify?: (request: Request) => KnownCaller | null | undefined | Promise<KnownCaller | null | undefined>
  /** Signs cookies and keys hashes; 16 characters or more. Needed in production, where all servers must share it, and where one that stands in documents is refused. */
  readonly secret?: string | undefined
  /** Lets whoever sends it as `Authorization: Bearer` read and change the policy at `/v1/policy`; 16 characters or more. Without it there is nothing. */
  readonly adminToken?: string | undefined
  /**
   * Opens `POST /v1/chat/completions` and `GET /v1/models` to clients of OpenAI's format that hold one of
   * these. Without it there is nothing.
   */
  readonly apiKeys?: ApiKeys
  /** @default whether NODE_ENV is "production" */
  readonly production?: boolean
  /** The path it is mounted at, such as `/api/ai`. @default '' */
  readonly basePath?: string
  /** Origins, besides its own, whose pages may call it with a cookie. */
  readonly origins?: readonly string[]
  /** Whom people are told sets their allowance. */
  readonly owner?: string
  /** Whether people pay for runs themselves. @default false */
  readonly pays?: boolean
  readonly carbon?: CatalogPolicy['carbon']
  /**
   * What the costs of models are compared by: the dollars that a dollar and a watt-hour weigh. What weighs
   * nothing does not count. @default { usd: 1, wh: 0.001 }, a kilowatt-hour for a dollar
   */
  readonly mix?: Mix
  /**
   * The share of runs, 0 to 1, that may try a model which people have not yet shown to be good enough:
   * only where outcomes are told, and never above what the person agreed to. 0 tries nothing. @default 0.25
   */
  readonly explore?: number
  /** Time zone of budgets that name none. @default 'UTC' */
  readonly timeZone?: string
  /** The most runs one identity may have open. @default 2 */
  readonly concurrency?: number
  /** The most of a shared budget's limit, above 0 and up to 1, that one identity's open runs may hold; one run may always. @default 0.1 */
  readonly share?: number
  /** Milliseconds a reservation lives unless renewed. @default 60000 */
  readonly lease?: number
  /**
   * Milliseconds that a provider which does not give up by itself may say nothing before its call is given
   * up; those of this package have time-outs of their own. `Infinity` waits without end. @default 600000
   */
  readonly silence?: number
  /** Longest request body in bytes. @default 1000000 */
  readonly maxBody?: number
  /** The address a request came from, for `network` budgets; `null` where nobody knows. @default what `listen` of sparing/server/node noted */
  readonly address?: (request: Request) => string | null
  /**
   * Tokens of a text for a model's own tokeniser, `null` where there is none for it: what a run is likely
   * to cost is told more exactly then. Special tokens in a text are text.
   * @default estimated by the script that a text is written in
   */
  readonly tokenizer?: TokenCounter
  /**
   * Decides whether a question is a look-up, which the lowest level answers with quotes: the host's own,
   * or `'rules'` for the few that pages carry, which know less and need no weights. It only looks at the
   * last question of features whose task is `answer` or `chat`. What a person agreed to binds all the same.
   * @default what `loadClassifier` of sparing/routing gives
   */
  readonly classifier?: Classifier | 'rules'
  /** Moderation and redaction, by the host's own means. */
  readonly onRun?: RunHooks
  /**
   * What receipts are signed with: Ed25519, the one in use first. The others are only published, so
   * that receipts they signed can still be checked. @default a key that is made of the secret
   */
  readonly signingKeys?: readonly SigningKey[]
  /** `trace.getTracer('sparing')` of `@opentelemetry/api`: every call of a model is a span, without its prompt and output. */
  readonly tracer?: Tracer
  readonly now?: () => number
  /** From 0 to below 1; for what must not happen everywhere at once. @default Math.random */
  readonly random?: () => number
  /** Told of failures that people only see as a sentence. No prompt or output is in them. @default console.error */
  readonly onError?: (error: unknown) => void
}

// Every option has a shape, or it would be refused as none.
void (shapes satisfies Record<keyof ModelSelectorOptions, Shape>)

type Optional = 'identify' | 'adminToken' | 'apiKeys' | 'tokenizer' | 'classifier' | 'tracer'

export type Settings = Required<Omit<ModelSelectorOptions, Optional | 'secret' | 'owner' | 'pays' | 'carbon' | 'mix' | 'explore'>>
  & Pick<ModelSelectorOptions, Optional>
  & { readonly secret: string; readonly terms: Omit<CatalogPolicy, 'revision'> }

/**
 * Fills in what was left out and refuses what would not be safe.
 * @throws {TypeError} for options that cannot work, naming what to write instead
 */
export function settingsOf(given: ModelSelectorOptions): Settings {
  const options = withoutUndefined(given ?? {})
  const fault = firstFault(options)
  if (fault) throw new TypeError(fault)
  const budgets = budgetsOr(options.budgets)
  const production = options.production ?? inProduction()
  const unsafe = production ? faultInProduction(options, budgets) : undefined
  if (unsafe) throw new TypeError(unsafe)
  const { gwp } = grids.world.mix
  return {
    prompts: {}, basePath: '', origins: [], timeZone: 'UTC', concurrency: 2, share: 0.1, lease: 60_000, silence: 600_000, maxBody: 1_000_000, address: clientAddress, onRun: {}, signingKeys: [], now: Date.now, random: Math.random,
    // oxlint-disable-next-line no-console -- a failure must reach somebody
    onError: error => console.error(error),
    ...options,
    features: defineFeatures(options.features), production, budgets,
    ledger: guarded(options.ledger ?? memoryLedger(options.now ? { now: options.now } : {})),
    secret: options.secret ?? newId(),
    terms: {
      owner: options.owner ?? null, pays: options.pays ?? false,
      carbon: options.carbon ?? { gco2ePerWh: gwp, zone: grids.world.zone, year: grids.world.year },
      ...options.mix && { mix: options.mix }, ...options.explore !== undefined && { explore: options.explore },
    },
  }
}

/** Hosts pass on what their environment lacks; an option that is `undefined` was left out. */
const withoutUndefined = (options: ModelSelectorOptions): ModelSelectorOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as ModelSelectorOptions

const firstFault = (options: ModelSelectorOptions) => faultOfShapes(options) ?? faultOf(options) ?? faultOfLabels(options)

function faultOf(options: ModelSelectorOptions): string | undefined {
  const { features, providers = [], prompts = {}, budgets = [] } = options
  if (typeof features !== 'object' || features === null) return 'There are no features. Declare them with defineFeatures and give them as "features".'
  if (providers.length === 0) return 'There are no providers, so nothing can run. Give at least baseline().'
  const ids = providers.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) return `Two providers are called "${twice}", so nobody can tell whose model a run used. Give one of them another "id".`
  const stray = Object.keys(prompts).find(name => !Object.hasOwn(features, name))
  if (stray !== undefined) return `There is a prompt for "${stray}" and no such feature. Declare the feature, or correct the name.`
  const session = budgets.find(({ per }) => per === 'session')
  if (session) return `The budget "${session.id}" is per session, and a server knows no sessions: it would never reset. Use "hour" or "day".`
  if (!isClassifier(options.classifier)) return 'The classifier must be a function from a question to what it needs, or "rules".'
  return faultOfAccess(options) ?? faultOfApiKeys(options.apiKeys, features) ?? faultOfShares(options) ?? faultOfChoosing(options) ?? faultOfFigures(options)
}

function faultOfAccess({ secret, adminToken, basePath = '', origins = [] }: ModelSelectorOptions): string | undefined {
  if (secret !== undefined && secret.length < 16) return 'The secret is too short to sign anything. Give it 16 characters or more.'
  if (adminToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(adminToken)) return 'The adminToken is too easy to guess, or cannot be sent in a header. Give it 16 characters or more, without spaces.'
  if (basePath !== '' && !/^(\/[\w.~-]+)+$/.test(basePath)) return `The basePath "${basePath}" is no path. Write it as "/api/ai", without a slash at its end.`
  const site = origins.find(origin => !URL.canParse(origin) || new URL(origin).origin !== origin)
  if (site !== undefined) return `"${site}" is no origin, so it would never match one. Write it as "https://example.com", without a path or a slash at its end.`
}

function faultOfShares({ concurrency = 2, share = 0.1 }: ModelSelectorOptions): string | undefined {
  if (!isCount(concurrency)) return 'The concurrency must be a whole number above 0.'
  if (!(share > 0 && share <= 1)) return 'The share must be above 0 and at most 1, such as 0.1.'
}

function faultOfChoosing({ mix, explore = 0 }: ModelSelectorOptions): string | undefined {
  const isWeight = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity
  if (mix !== undefined && !(isWeight(mix?.usd) && isWeight(mix?.wh) && mix.usd + mix.wh > 0)) return 'The mix must say what a dollar and a watt-hour weigh, 0 or more and not both 0, such as { usd: 1, wh: 0.001 }.'
  if (!(explore >= 0 && explore <= 1)) return 'explore must be a share of the runs from 0 to 1, such as 0.25; 0 tries nothing.'
}

function faultOfFigures(options: ModelSelectorOptions): string | undefined {
  const { timeZone = 'UTC', lease = 60_000, maxBody = 1_000_000, carbon, onRun } = options
  if (!isTimeZone(timeZone)) return `Nobody knows the time zone "${timeZone}". Use a name such as "Europe/Paris".`
  if (!isCount(lease) || lease < 1_000) return 'The lease must be whole milliseconds, 1000 or more: it is renewed while a run goes on.'
  if (!isCount(maxBody)) return 'maxBody must be a whole number of bytes above 0.'
  return carbon && !(carbon.gco2ePerWh >= 0 && carbon.gco2ePerWh < Infinity) ? 'The carbon figure must be grams per watt-hour, 0 or more.' : faultOfTimeout('timeout of onRun', onRun?.timeout) ?? faultOfSilence(options)
}

function faultOfSilence({ silence, providers }: ModelSelectorOptions): string | undefined {
  const faults = providers.map(provider => faultOfTimeout(`silence of the provider "${provider.id}"`, provider.silence))
  return faultOfTimeout('option "silence"', silence) ?? faults.find(fault => fault !== undefined)
}

const isClassifier = (value: unknown) => value === undefined || value === 'rules' || typeof value === 'function'

const isCount = (value: number) => Number.isSafeInteger(value) && value > 0

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

function faultInProduction({ secret, adminToken, apiKeys }: ModelSelectorOptions, budgets: readonly ServerBudget[]): string | undefined {
  if (!secret) return 'In production a secret is needed: without it every restart would give everybody a new allowance, and servers would not know one another\'s runs. Set the option "secret".'
  const keys = Array.isArray(apiKeys) ? apiKeys.map(({ key }, at) => [`key number ${at + 1} of apiKeys`, key] as const) : []
  const known = ([['secret', secret], ['adminToken', adminToken], ...keys] as const).find(([, value]) => value !== undefined && isWellKnown(value))
  if (known) return `In production the ${known[0]} must be random, and this one is as in an example, or is typed: whoever guesses it is whoever they want to be. Give 24 random characters, such as by node -p "crypto.randomBytes(24).toString('hex')".`
  if (!budgets.some(boundsBill)) return 'In production a budget is needed that bounds the bill: with scope "all", without "when", in usd or tokens, over an hour or longer. Add one, such as { id: "all", scope: "all", per: "month", limit: { usd: 100 } }.'
}

/**
 * Whether everything that is run draws on it, for longer than a run lasts, in what models are paid by: tokens
 * have a price each. What a run comes to differs a thousandfold from one feature and model to another, and
 * nobody is billed for energy.
 */
function boundsBill({ scope, when = {}, per, limit: { usd, tokens } }: ServerBudget): boolean {
  const isLong = (secondsOf(per) ?? (per === 'run' || per === 'session' ? 0 : shortest)) >= shortest
  return scope === 'all' && Object.keys(when).length === 0 && isLong && (usd !== undefined || tokens !== undefined)
}

/** Seconds. */
const shortest = 3_600

const inProduction = (): boolean => (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.['NODE_ENV'] === 'production'
