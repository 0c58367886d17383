import { checkBudgets, defaultBudgets } from '../core/index.ts'
import type { BudgetPolicy, CatalogPolicy, Features } from '../core/index.ts'
import { grids } from '../catalog/index.ts'
import type { Ledger } from './ledger/port.ts'
import { memoryLedger } from './ledger/memory.ts'
import type { Prompt } from './prompts.ts'
import type { Provider } from './providers/port.ts'

/** Who is asking, as the host knows it: `user` and any labels that budgets go by, such as `org` or `plan`. */
export type Caller = Readonly<{ user: string } & Record<string, string>>

/** A budget enforced by the server. `scope` says whose pot it is: one per user, per org, per feature, or one for all. */
export interface ServerBudget extends BudgetPolicy {
  /** `user`, `org`, `feature`, `tier`, `trigger`, `all`, `anonymous`, `network`, or a label of `identify`. @default 'user' */
  readonly scope?: string
  /** Applies only to callers with these labels. */
  readonly when?: Readonly<Record<string, string>>
}

export interface ModelSelectorOptions {
  readonly features: Features
  readonly providers: readonly Provider[]
  /** By feature. Every task has a built-in one. */
  readonly prompts?: Readonly<Record<string, Prompt>>
  /** @default a ledger in memory */
  readonly ledger?: Ledger
  /** @default 0.10 USD, 20 Wh and 50 runs a day for each user */
  readonly budgets?: readonly ServerBudget[]
  /** Who asks. Without it, or where it gives nothing, people are anonymous and known by a signed cookie. */
  readonly identify?: (request: Request) => Caller | null | undefined | Promise<Caller | null | undefined>
  /** Signs cookies and keys hashes; 16 characters or more. Needed in production, where all servers must share it. */
  readonly secret?: string
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
  /** Time zone of budgets that name none. @default 'UTC' */
  readonly timeZone?: string
  /** The most runs one identity may have open. @default 2 */
  readonly concurrency?: number
  /** Milliseconds a reservation lives unless renewed. @default 60000 */
  readonly lease?: number
  /** Longest request body in bytes. @default 1000000 */
  readonly maxBody?: number
  /** The address a request came from, for `network` budgets; without it those do not apply. */
  readonly address?: (request: Request) => string | null
  readonly now?: () => number
  /** Told of failures that people only see as a sentence. No prompt or output is in them. @default console.error */
  readonly onError?: (error: unknown) => void
}

export type Settings = Required<Omit<ModelSelectorOptions, 'identify' | 'owner' | 'pays' | 'carbon' | 'address' | 'budgets'>>
  & Pick<ModelSelectorOptions, 'identify' | 'address'>
  & { readonly budgets: readonly ServerBudget[]; readonly policy: CatalogPolicy }

/**
 * Fills in what was left out and refuses what would not be safe.
 * @throws {TypeError} for options that cannot work, naming what to write instead
 */
export function settingsOf(options: ModelSelectorOptions): Settings {
  const production = options.production ?? inProduction()
  const budgets = checkBudgets(options.budgets ?? defaultBudgets.map(budget => ({ ...budget, id: 'user', scope: 'user' })))
  if (options.secret !== undefined && options.secret.length < 16) throw new TypeError('The secret is too short to sign anything. Give it 16 characters or more.')
  if (production) checkForProduction(options, budgets)
  if (options.providers.length === 0) throw new TypeError('There are no providers, so nothing can run. Give at least baseline().')
  const { gwp } = grids.world.mix
  return {
    prompts: {}, basePath: '', origins: [], timeZone: 'UTC', concurrency: 2, lease: 60_000, maxBody: 1_000_000, now: Date.now,
    onError: error => console.error(error),
    ...options,
    production, budgets,
    ledger: options.ledger ?? memoryLedger(options.now ? { now: options.now } : {}),
    secret: options.secret ?? crypto.randomUUID(),
    policy: {
      owner: options.owner ?? null, pays: options.pays ?? false,
      carbon: options.carbon ?? { gco2ePerWh: gwp, zone: grids.world.zone, year: grids.world.year },
    },
  }
}

function checkForProduction({ secret, identify }: ModelSelectorOptions, budgets: readonly ServerBudget[]): void {
  if (!secret && !identify) throw new TypeError('In production a secret is needed: without it every restart would give everybody a new allowance. Set the option "secret".')
  if (!budgets.some(({ scope }) => scope === 'all')) throw new TypeError('In production a budget with scope "all" is needed: it is what bounds the bill. Add one, such as { id: "all", scope: "all", per: "month", limit: { usd: 100 } }.')
}

const inProduction = (): boolean => (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.['NODE_ENV'] === 'production'
