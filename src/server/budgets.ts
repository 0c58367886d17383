import { claimAmounts, claimsOf } from '../core/index.ts'
import type { Amounts, Budget, BudgetNotice, Claim, Only, Receipt, Tier, Trigger, Unit } from '../core/index.ts'
import type { Identity } from './identity.ts'
import { scopeOf } from './server-budget.ts'
import type { ServerBudget } from './server-budget.ts'

/** What a run is, as far as budgets go by it. */
export interface RunFacts {
  readonly feature: string
  readonly tier: Tier
  readonly trigger: Trigger
}

/** What decides which pots a run draws on. */
export interface Draw {
  readonly identity: Identity
  readonly network: string | null
  /** `null` where no run is meant, but the person. */
  readonly run: RunFacts | null
}

type Pot = Omit<Claim, 'amount'>

/** The pots of every budget that applies, still without amounts. */
export function potsOf(draw: Draw, budgets: readonly ServerBudget[], timeZone: string): Pot[] {
  return budgets.filter(budget => applies(budget, draw)).flatMap(budget => {
    const scope = scopeOf(budget)
    const subject = subjectOf(scope, draw)
    return subject === null ? [] : claimsOf(budget, scope, subject, timeZone)
  })
}

/** The units that any of these limits: a model whose figure in one of them is unknown may not run. */
export const limitedUnits = (pots: readonly Pot[]): ReadonlySet<Unit> => new Set(pots.map(({ unit }) => unit))

/**
 * What a run takes from its pots; and of every shared one a share that its identity's open runs tie
 * down together. At most `share` of the limit, so that nobody locks the others out; but one run may
 * always, so that a large one is possible while nothing else of it is held.
 */
export function claimsFor(pots: readonly Pot[], amounts: Amounts, { key }: Identity, share: number): Claim[] {
  return claimAmounts(pots, amounts).flatMap(claim => {
    // The pot of one run is nobody else's; and it is its identity's, because two of them may have runs of one id.
    if (claim.window === 'run') return [{ ...claim, subject: key }]
    if (claim.scope === 'user') return [claim]
    const limit = Math.max(Math.floor(share * claim.limit), claim.amount)
    return [claim, { ...claim, subject: key, window: 'session', timeZone: 'UTC', limit, holdOnly: true } satisfies Claim]
  })
}

function applies({ when = {} }: ServerBudget, { identity, run }: Draw): boolean {
  return Object.entries(when).every(([label, value]) => (isOfRuns(label) ? run?.[label] : identity.caller[label]) === `${value}`)
}

const isOfRuns = (label: string): label is keyof RunFacts => label === 'feature' || label === 'tier' || label === 'trigger'

/** Whose pot a scope means for this run; `null` where it means nobody's. */
function subjectOf(scope: string, { identity, run, network }: Draw): string | null {
  if (isOfRuns(scope)) return run && run[scope]
  switch (scope) {
    case 'user': return identity.key
    case 'all': return 'all'
    case 'anonymous': return identity.anonymous ? 'anonymous' : null
    // Where nobody knows the network, all of those share one.
    case 'network': return identity.anonymous ? network ? networkOf(network) : 'unknown' : null
    // A misspelt label must not switch a limit off: whoever lacks it, and was not said to have none, shares one pot.
    default: return identity.anonymous || identity.without?.includes(scope) ? null : identity.caller[scope] ?? ''
  }
}

/** The network an address belongs to: /24 of IPv4, /56 of IPv6. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(address)?.[1]
  if (v4) return `${v4}.0/24`
  const [head = '', tail] = address.split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...tail === undefined ? [] : middle, ...right].map(group => parseInt(group || '0', 16))
  return `${groups.slice(0, 3).map(group => group.toString(16)).join(':')}:${((groups[3] ?? 0) & 0xff00).toString(16)}::/56`
}

/** Readings of budgets with the runs they are for, which pages must know before they refuse others by them. */
export function withOnly(readings: readonly Budget[], budgets: readonly ServerBudget[], run: RunFacts | null): Budget[] {
  return readings.map(reading => {
    const budget = budgets.find(({ id }) => id === reading.id)
    const only = budget && onlyOf(budget, run)
    return only ? { ...reading, only } : reading
  })
}

/** Which runs a budget is for; `undefined` where it is for all. */
function onlyOf(budget: ServerBudget, run: RunFacts | null): Only | undefined {
  const scope = scopeOf(budget)
  const facts = Object.entries({ ...budget.when, ...run && isOfRuns(scope) && { [scope]: run[scope] } }).filter(([label]) => isOfRuns(label))
  return facts.length > 0 ? Object.fromEntries(facts) : undefined
}

/**
 * What people are told of budgets: amounts of their own, of others only whether nothing is left, and
 * until when. One that refused a run may have something left: it is not used up for smaller ones.
 * @param refusing whether these are the budgets that refused a run
 */
export function visibleBudgets(readings: readonly Budget[], refusing = false): (Budget | BudgetNotice)[] {
  const others = Map.groupBy(readings.filter(({ scope }) => scope !== 'user'), ({ id }) => id)
  return [...ownBudgets(readings), ...[...others].map(([id, group]) => noticeOf(id, group, refusing))]
}

function noticeOf(id: string, group: readonly Budget[], refusing: boolean): BudgetNotice {
  const used = group.filter(({ available }) => available <= 0)
  const resets = (refusing ? group : used).map(({ resetsAt }) => resetsAt)
  const only = group[0]?.only
  return { id, exceeded: used.length > 0, resetsAt: resets.includes(null) || resets.length === 0 ? null : Math.max(...resets as number[]), ...only && { only } }
}

const ownBudgets = (readings: readonly Budget[]): Budget[] => readings.filter(({ scope }) => scope === 'user')

/** The receipt with its budgets as they stand; people see amounts of their own only. */
export const withBudgets = (receipt: Receipt, readings: readonly Budget[], budgets: readonly ServerBudget[]): Receipt =>
  ({ ...receipt, budgets: withOnly(ownBudgets(readings), budgets, null) })
