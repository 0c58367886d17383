import type { Budget, BudgetNotice, BudgetPolicy, Catalog, Ceiling, Effort, Estimate, Features, Need, OptIn, OptInOrigin, OptInScope, OutputOf, RunInput, Tier, Trigger } from '../core/index.ts'
import type { BudgetState, OptInState } from '../state/index.ts'
import type { AIEvent } from './events.ts'
import type { RunFeedback } from './feedback.ts'
import type { Readable } from './readable.ts'
import type { Run } from './run.ts'

/** Where the model selector is: a URL, or one in the same process. */
export type ModelSelectorSource = string | { fetch(request: Request): Response | Promise<Response> }

export interface AIOptions<F extends Features = Features> {
  readonly modelSelector: ModelSelectorSource
  readonly features: F
  /** This device's own budgets. @default 0.10 USD, 20 Wh and 50 runs a day */
  readonly budgets?: readonly BudgetPolicy[]
  /**
   * Namespaces everything that is stored: a user's id. With one, opt-ins are the same on all devices of
   * somebody whom the server identifies too. @default 'anonymous'
   */
  readonly subject?: string
  /** A snapshot to start from; otherwise it is fetched. */
  readonly catalog?: Catalog
  /** Sent with every request, such as an authorization of the host's. */
  readonly headers?: Readonly<Record<string, string>>
  /** As for `fetch`: `include` for a model selector on another origin. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /**
   * Asked by the control (and by `remedy`) when budgets refuse, at the press or before it: what it
   * gives is offered to the person beside what still fits, such as a top-up or a request for more.
   * It may be asked again while nothing has changed, so it should only answer.
   */
  readonly onExhausted?: (exhausted: Exhausted) => Remedy | null | undefined
}

/** Which budgets refuse a feature, and when the last of them begins anew. */
export interface Exhausted {
  readonly feature: string
  readonly budgets: readonly (Budget | BudgetNotice)[]
  /** Milliseconds since 1970; `null` where no clock ends one of them. */
  readonly resetsAt: number | null
}

/** A way out that the host offers. */
export interface Remedy {
  /** What people read, in their language. */
  readonly label: string
  /** When it is done, the budgets are asked for again. */
  readonly act: () => void | Promise<void>
}

export interface CatalogState {
  /** `loading` until it is there; `unreachable` when the model selector did not answer and nothing is known. */
  readonly status: 'loading' | 'ready' | 'unreachable'
  readonly catalog: Catalog | null
}

/** What is to be run: a text, a text with a question, or a conversation. A string is `{ text }`. */
export type Input = string | RunInput

export interface EstimateOptions {
  readonly input: Input
  /** @default the lowest generative level that is set up for the feature */
  readonly tier?: Tier
  /** @default 'none' */
  readonly effort?: Effort
}

/** Why there is no estimate yet, or none to be had. */
export type NoEstimate =
  | { readonly status: 'loading' }
  | { readonly status: 'unavailable'; readonly reason: 'unreachable' | 'unknown-feature' | 'disabled' | 'no-model' | 'input-too-long' }

export interface RunOptions extends EstimateOptions {
  /** An act given with the call: `once`, or the record of one. Without it a standing opt-in must cover the run. */
  readonly optIn?: 'once' | OptIn
  /** The estimate that was on screen at the press: its ceiling binds. @default a fresh one */
  readonly estimate?: Estimate
  /** @default 'user' where the page has a person's activation, otherwise 'background' */
  readonly trigger?: Trigger
  readonly signal?: AbortSignal
  /** Names the run, so that a repeated call is answered with its receipt. @default a random one */
  readonly id?: string
}

export interface OptInOptions {
  readonly scope: OptInScope
  /** @default the lowest generative level that is set up for the feature */
  readonly tier?: Tier
  /** @default 'none' */
  readonly effort?: Effort
  /** @default 'call' */
  readonly origin?: OptInOrigin
}

/** How a feature stands for this person, at a level. */
export interface FeatureStatus {
  /**
   * `loading`: the catalog is not there yet; `unavailable`: it cannot be reached, or no model is set
   * up; `disabled`: by policy; `master-off`: the person wants no AI; `declined`: the person said no
   * here; `off`: may be offered; `on`: a standing opt-in covers it.
   */
  readonly state: 'loading' | 'unavailable' | 'disabled' | 'master-off' | 'declined' | 'off' | 'on'
  readonly optIn: OptIn | null
  /** One that would cover it but for its ceiling, and nothing fits that any longer: why the person is asked anew. */
  readonly outgrown?: OptIn
  /** The generative levels that are set up, lowest first; empty when only quotes can be had. */
  readonly tiers: readonly Tier[]
}

/** The client of a product's features. Everything is off until a person opts in. */
export interface AI<F extends Features = Features> {
  readonly features: F
  /** The device's own budgets and the server's as last told. */
  readonly budget: Readable<BudgetState>
  readonly optIns: Readable<OptInState>
  readonly catalog: Readable<CatalogState>
  readonly subject: Readable<string>

  /** What a run would cost, at once. Until the catalog is there its status is `loading`. */
  estimate(feature: keyof F & string, options: EstimateOptions): Estimate | NoEstimate
  /** The most that any run of the feature can cost at a level, which is what a standing opt-in agrees to; `null` until the catalog is there. */
  ceiling(feature: keyof F & string, level?: { tier?: Tier; effort?: Effort }): Ceiling | null
  /**
   * Starts a run, which is awaited for its outcome or iterated for its text. It never spends without
   * an opt-in, past a budget, above the ceiling, or as `background` unless the feature allows it.
   * @throws nothing: refusals and failures reject the run with a `SparingError`
   */
  run<Name extends keyof F & string>(feature: Name, options: RunOptions): Run<OutputOf<F[Name]>>
  /**
   * Records the person's act for later runs; `once` is returned and not kept. What they agree to is
   * the most that any run of the feature can cost at that level.
   * @throws {SparingError} `no-model` while no catalog is there: nobody can agree to an unknown cost
   */
  optIn(feature: keyof F & string, options: OptInOptions): OptIn
  /** Takes it back; on all devices of a person whom the server knows. */
  optOut(feature: keyof F & string): void
  /** Remembers that the person does not want it here, so that nothing asks again on this device. */
  decline(feature: keyof F & string): void
  /** Forgets the decline: it may be offered again. */
  undecline(feature: keyof F & string): void
  status(feature: keyof F & string, options?: { tier?: Tier; effort?: Effort; input?: Input }): FeatureStatus
  /** Whether the input needs anything written. Demotes an offer, never removes it. */
  need(feature: keyof F & string, input: Input): Need
  /** What the host offers where budgets refuse; `null` where it offers nothing. */
  remedy(feature: keyof F & string, budgets: readonly (Budget | BudgetNotice)[]): Remedy | null
  /** The master switch of this device: off is no AI, and no promotion of it either. */
  setEnabled(enabled: boolean): void
  /** Another person: runs are aborted, and everything stored is theirs from here on. */
  setSubject(subject: string): void
  /**
   * Tells the server what the person did with an answer, from which it learns what is good enough. It
   * is sent when that can be done, waited for by nobody, and never fails loudly.
   */
  report(run: string, feedback: RunFeedback): void
  /**
   * Asks the server for the catalog, the budgets and the person's opt-ins again, and does what is left
   * to be done there. In a page that happens by itself.
   */
  refresh(): Promise<void>
  on(listener: (event: AIEvent) => void): () => void
  /** Aborts runs and lets go of stores and channels. */
  close(): void
}
