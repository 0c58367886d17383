import { claimsOf } from '../core/index.ts'
import type { Budget, BudgetNotice, Claim, Tier, Trigger, Unit } from '../core/index.ts'
import type { Identity } from './identity.ts'
import type { ServerBudget, Settings } from './options.ts'

/** What decides which pots a run draws on. */
export interface Draw {
  readonly identity: Identity
  readonly feature: string
  readonly tier: Tier
  readonly trigger: Trigger
  readonly network: string | null
}

/** The units that any budget limits: a model whose figure in one of them is unknown may not run. */
export const limitedUnits = ({ budgets }: Settings): ReadonlySet<Unit> => new Set(budgets.flatMap(({ limit }) => Object.keys(limit) as Unit[]))

/** The claims of every budget that applies, still without amounts. */
export function claimsFor(draw: Draw, { budgets, timeZone }: Settings): Omit<Claim, 'amount'>[] {
  return budgets.filter(budget => applies(budget, draw)).flatMap(budget => {
    const scope = budget.scope ?? 'user'
    const subject = subjectOf(scope, draw)
    return subject === null ? [] : claimsOf(budget, scope, subject, timeZone)
  })
}

function applies({ when = {} }: ServerBudget, { identity }: Draw): boolean {
  return Object.entries(when).every(([label, value]) => identity.caller[label] === value)
}

/** Whose pot a scope means for this run; `null` where it means nobody's. */
function subjectOf(scope: string, { identity, feature, tier, trigger, network }: Draw): string | null {
  switch (scope) {
    case 'user': return identity.key
    case 'all': return 'all'
    case 'feature': return feature
    case 'tier': return tier
    case 'trigger': return trigger
    case 'anonymous': return identity.anonymous ? 'anonymous' : null
    case 'network': return identity.anonymous && network ? networkOf(network) : null
    default: return identity.caller[scope] ?? null
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

/** What people are told of budgets: amounts of their own, of others only whether they are used up. */
export function visibleBudgets(budgets: readonly Budget[], exceeded: ReadonlySet<string> = new Set()): (Budget | BudgetNotice)[] {
  const own = budgets.filter(budget => budget.scope === 'user')
  const others = Map.groupBy(budgets.filter(budget => budget.scope !== 'user'), budget => budget.id)
  const notices = [...others].map(([id, group]): BudgetNotice => {
    const used = group.filter(each => each.available <= 0 || exceeded.has(each.id))
    const resets = used.map(each => each.resetsAt)
    return { id, exceeded: used.length > 0, resetsAt: resets.includes(null) || resets.length === 0 ? null : Math.max(...resets as number[]) }
  })
  return [...own, ...notices]
}
