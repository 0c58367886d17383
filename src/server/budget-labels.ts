import { tiers } from '../core/index.ts'
import type { Features } from '../core/index.ts'
import type { ApiKeys } from './api-key.ts'
import { nameOf } from './names.ts'
import { notice } from './notice.ts'
import { scopeOf } from './server-budget.ts'
import type { ServerBudget } from './server-budget.ts'

/** What people are known by besides; runs know the rest by themselves. */
const builtIn = ['user', 'all', 'anonymous', 'network', 'feature', 'tier', 'trigger']
const ofRuns = ['user', 'feature', 'tier', 'trigger']

/** Requests of known callers after which a label that none of them had is taken for a mistake. */
const patience = 20

/** What says which labels there are. */
interface Labelled {
  readonly budgets?: readonly ServerBudget[]
  readonly features: Features
  readonly identify?: unknown
  readonly apiKeys?: ApiKeys
}

/**
 * Why a budget would limit nobody, as far as that is seen before anybody came: a name that is misspelt would
 * switch it off without a word.
 */
export function faultOfLabels({ budgets = [], features, identify, apiKeys }: Labelled): string | undefined {
  const values: Readonly<Record<string, readonly string[]>> = { feature: Object.keys(features), tier: tiers, trigger: ['user', 'background'] }
  // Whoever looks keys up may know any label.
  const anyLabel = identify !== undefined || typeof apiKeys === 'function'
  const labels = anyLabel || !apiKeys ? [] : apiKeys.flatMap(key => Object.keys(key.labels ?? {}))
  const faults = budgets.map(budget => {
    const fault = faultOf(budget, values, anyLabel ? null : labels)
    return fault && `The budget "${budget.id}" would limit nobody: ${fault}`
  })
  return faults.find(Boolean)
}

/** @param labels that callers may have; `null` where nobody can say yet */
function faultOf(budget: ServerBudget, values: Readonly<Record<string, readonly string[]>>, labels: readonly string[] | null): string | undefined {
  const scope = scopeOf(budget)
  if (typeof scope !== 'string') return `its scope must be text. Give one of ${builtIn.join(', ')}, or a label of "identify".`
  if (labels && ![...builtIn, ...labels].includes(scope)) return `its scope "${scope}" is none of ${[...builtIn, ...labels].join(', ')}, and without "identify" nobody has other labels. Correct it, or give "identify".`
  for (const [label, value] of Object.entries(budget.when ?? {})) {
    const known = Object.hasOwn(values, label) ? values[label] : undefined
    if (nameOf(value) === null) return `its "when" asks for ${label} by what nobody can be called. Give text or a number.`
    if (known && !known.includes(`${value}`)) return `its "when" asks for ${label} "${value}", and there is only ${known.join(', ')}. Correct it.`
    if (labels && ![...ofRuns, ...labels].includes(label)) return `its "when" goes by "${label}", which is none of ${[...ofRuns, ...labels].join(', ')}, and without "identify" nobody has other labels. Correct it, or give "identify".`
  }
}

/** A caller's labels; `null` for one that they have none of on purpose. */
type Labels = Readonly<Record<string, unknown>>

/** The labels of callers that budgets go by. */
export const labelsOf = (budgets: readonly ServerBudget[]): readonly string[] => [...scopeLabels(budgets).keys(), ...whenLabels(budgets).keys()]

const scopeLabels = (budgets: readonly ServerBudget[]) => byLabel(budgets.map(budget => [scopeOf(budget), budget.id]), builtIn)
const whenLabels = (budgets: readonly ServerBudget[]) => byLabel(budgets.flatMap(({ id, when = {} }) => Object.keys(when).map(label => [label, id] as const)), ofRuns)

/** Looks out for labels that budgets go by and callers lack. */
export type LabelWatch = (labels: Labels) => void

/**
 * Tells the operator, once for each label, of a caller without the label of a `scope`; and of a label of a
 * `when` that none of many callers had, because one that only some have is nothing to tell of.
 */
export function watchLabels({ budgets, onError }: { readonly budgets: readonly ServerBudget[]; readonly onError: (error: unknown) => void }): LabelWatch {
  const [scopes, whens] = [scopeLabels(budgets), whenLabels(budgets)]
  let callers = 0
  return labels => {
    if (scopes.size + whens.size === 0) return
    callers++
    for (const [label, id] of scopes) if (labels[label] === undefined && scopes.delete(label)) onError(notice(sharing(id, label, labels)))
    for (const [label, id] of whens) {
      if (labels[label] !== undefined) whens.delete(label)
      else if (callers >= patience && whens.delete(label)) onError(notice(limitsNobody(id, label, labels)))
    }
  }
}

const byLabel = (pairs: readonly (readonly [label: string, id: string])[], known: readonly string[]): Map<string, string> =>
  new Map(pairs.filter(([label]) => !known.includes(label)).toReversed())

/** Names alone: what they are called is theirs. */
const namesOf = (labels: Labels) => Object.keys(labels).join(', ')

const sharing = (id: string, label: string, labels: Labels) =>
  `The budget "${id}" has the scope "${label}", and a caller has only ${namesOf(labels)}. All callers without "${label}" draw on one pot of it together. Correct the scope, or have "identify" give that label; null says that somebody has none on purpose and this budget is not for them.`

const limitsNobody = (id: string, label: string, labels: Labels) =>
  `The budget "${id}" is for callers by their label "${label}", and none of the first ${patience} requests had it: the last had ${namesOf(labels)}. It has limited nobody so far. Correct its "when", or have "identify" give that label; null says that somebody has none on purpose.`
