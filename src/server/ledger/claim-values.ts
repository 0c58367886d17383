import type { BoundClaim } from '../../core/index.ts'

// Claims are most of a row, and every row goes to disk two or three times: values without their names.

/** Claims of a run, as short as they can be written down. */
export const claimsValues = (claims: readonly BoundClaim[], run: string) => claims.map(claim => claimValues(claim, run))
export type ClaimsValues = ReturnType<typeof claimsValues>

/** The claims that `claimsValues` wrote down. */
export const claimsOf = (values: ClaimsValues, run: string): BoundClaim[] => values.map(each => claimOf(each, run))

function claimValues(claim: BoundClaim, run: string) {
  const { budget, scope, subject, unit, window, timeZone, limit, amount, account, period } = claim
  const unusual = account === usualAccount(claim, run) ? null : account
  return [budget, scope, subject, unit, window, timeZone, limit, amount, period.start, period.end, claim.holdOnly ?? null, claim.settled ?? null, unusual] as const
}
type ClaimValues = ReturnType<typeof claimValues>

function claimOf([budget, scope, subject, unit, window, timeZone, limit, amount, start, end, holdOnly, settled, account]: ClaimValues, run: string): BoundClaim {
  const named = { budget, scope, subject, unit, window, timeZone, limit, amount, period: { start, end } }
  const claim = { ...named, account: account ?? usualAccount(named, run), holdOnly, settled } satisfies Record<keyof BoundClaim, unknown>
  return Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== null)) as unknown as BoundClaim
}

/** The account that the core gives a claim: what it is called says nothing that the claim does not. */
const usualAccount = ({ budget, subject, unit, window, timeZone, period }: Pick<BoundClaim, 'budget' | 'subject' | 'unit' | 'window' | 'timeZone' | 'period'>, run: string) =>
  JSON.stringify([budget, subject, unit, window, timeZone, window === 'run' ? run : period.start])
