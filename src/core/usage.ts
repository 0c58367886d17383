/**
 * The tokens a run consumed. `input` includes `cached` and `written`; `output` includes `reasoning`.
 * `source`: the upstream said so, the server counted, or the worst case was assumed.
 */
export interface Usage {
  readonly input: number
  readonly cached: number
  readonly output: number
  readonly reasoning: number
  /** Input that the upstream put into its cache, where it charges for that. */
  readonly written?: number
  /** Whether it was served at the prices of a batch. */
  readonly batch?: boolean
  readonly source: 'reported' | 'counted' | 'assumed'
}

export const noUsage: Usage = { input: 0, cached: 0, output: 0, reasoning: 0, source: 'counted' }
