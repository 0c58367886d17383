import type { OptIn } from '../core/index.ts'

/**
 * `GET`, `PUT` and `DELETE /v1/opt-ins`: what an identified person agreed to, by the server's copy.
 * A page takes over no record of scope `session` that it did not make: that one is another page's.
 */
export interface OptInsAnswer {
  /** One for each feature. */
  readonly records: readonly OptIn[]
  /** When what was agreed to before was taken back. Whoever agrees anew names that time (`after`): clocks of devices prove nothing. */
  readonly revoked: readonly { readonly feature: string; readonly at: number }[]
}
