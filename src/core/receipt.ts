import type { Budget, Only } from './budget.ts'
import type { Cost, Estimate, Provenance } from './estimate.ts'
import type { Range } from './range.ts'
import type { Effort, Tier } from './tier.ts'
import type { Usage } from './usage.ts'

/**
 * What a request needs: nothing that is generated, because the results or a form suffice; a
 * generated text; or one reached in several dependent steps.
 */
export type Need = 'none' | 'generate' | 'reason'

/** Why the model selector decided as it did: a stable code, and a sentence for people. */
export interface Reason {
  readonly code: string
  readonly text: string
}

/** What the model selector decided. */
export interface Choice {
  readonly model: string
  readonly provider: string
  readonly tier: Tier
  readonly effort: Effort
  readonly need: Need
  readonly reasons: readonly Reason[]
}

export const runStatuses = ['completed', 'ceiling', 'aborted', 'failed', 'expired'] as const
export type RunStatus = (typeof runStatuses)[number]

/** A budget of which the person may know only whether it is used up, and until when. */
export interface BudgetNotice {
  readonly id: string
  /** Whether nothing is left. */
  readonly exceeded: boolean
  readonly resetsAt: number | null
  readonly only?: Only
}

/**
 * Grams CO2e of making the servers and GPUs, of which an answer has its share: modelled, and apart from the
 * electricity's. No budget counts it.
 */
export interface Embodied {
  readonly gco2e: Range
}

/** After the run: what was chosen, what it consumed, what it cost, and what had been said before. */
export interface Receipt {
  readonly id: string
  readonly feature: string
  readonly status: RunStatus
  readonly choice: Choice
  readonly usage: Usage
  readonly cost: Cost
  /** How the cost is known, of what served the run; of several calls the least sure. Absent where nothing was served, or nobody was left to say. */
  readonly provenance?: { readonly usd: Provenance; readonly wh: Provenance }
  /** Absent where nothing was generated, where nothing is known of a model's architecture, and where nobody was left to say. */
  readonly embodied?: Embodied
  readonly estimate: Estimate
  /** The opt-in's id, `caller` where a key's owner vouches for it, `null` where none was needed. */
  readonly optIn: string | null
  readonly budgets: readonly Budget[]
  /** The run was over already: this is its receipt, sent again. */
  readonly replayed?: boolean
  /** Milliseconds since 1970. */
  readonly at: number
  readonly signature: string | null
}

/** Whether a value has a receipt's bones: for what storage and networks hand over. */
export function isReceipt(value: unknown): value is Receipt {
  const { id, feature, status, cost, choice, usage, at, budgets } = (value ?? {}) as Record<keyof Receipt, unknown>
  return typeof id === 'string' && typeof feature === 'string' && runStatuses.includes(status as RunStatus)
    && isObject(cost) && isObject(choice) && isObject(usage) && Array.isArray(budgets) && typeof at === 'number'
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null
