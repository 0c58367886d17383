import type { Budget, BudgetNotice, Ceiling, Choice, Effort, Embodied, Estimate, OptIn, Receipt, RunInput, Tier, Trigger } from '../core/index.ts'

/** `POST /v1/run`. Nothing in it is believed but what the person may choose. */
export interface RunRequest {
  readonly id: string
  readonly feature: string
  readonly input: RunInput
  readonly tier: Tier
  readonly effort: Effort
  readonly ceiling: Ceiling
  /** Evidence, checked by the server against its own clock and estimate; none is needed at tier `baseline`. */
  readonly optIn: OptIn | null
  readonly trigger: Trigger
  /** Id of the estimate that was on screen. */
  readonly estimate: string | null
}

/** `POST /v1/estimate`. */
export type EstimateRequest = Pick<RunRequest, 'feature' | 'input' | 'tier' | 'effort'>

/** What a run came to, when one JSON object is asked for instead of a stream. */
export interface RunResult {
  readonly id: string
  readonly text: string
  readonly object?: unknown
  readonly choice: Choice
  readonly receipt: Receipt
}

/** `GET /v1/runs/:id`. */
export interface RunRecord {
  readonly id: string
  readonly status: 'running' | 'ended'
  readonly receipt: Receipt | null
}

/** A run, and whose it is. */
export interface FoundRun extends RunRecord {
  /** Such as `user:ada`; of an account that was erased a name that leads nowhere. */
  readonly identity: string
}

/** `GET /v1/receipts/:id`, for administrators: every identity's run of that id. */
export interface ReceiptsAnswer {
  readonly runs: readonly FoundRun[]
}

/** What a person did with an answer. */
export const outcomes = ['kept', 'dismissed', 'escalated', 'rated'] as const
export type OutcomeKind = (typeof outcomes)[number]

/** `POST /v1/runs/:id/outcome`, of a run that ended. Each kind counts once for a run. */
export interface OutcomeRequest {
  readonly outcome: OutcomeKind
  /** Of `rated`: whether the answer was good enough. */
  readonly enough?: boolean
}

/** `POST /v1/estimate`'s answer. */
export interface EstimateAnswer {
  readonly estimate: Estimate
  /** What the answer's share in making the hardware is likely to be, apart from what its electricity is. Absent for quotes, and where nothing is known of the model's architecture. */
  readonly embodied?: Embodied
  readonly choice: Choice
}

/** `GET /v1/budget`: amounts of the caller's own budgets; of others only whether they are used up. */
export interface BudgetAnswer {
  readonly budgets: readonly (Budget | BudgetNotice)[]
}
