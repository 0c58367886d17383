import type { Amounts } from '../core/amount.ts'
import { bindClaims, claimAmounts, emptyAccount, tightest } from '../core/budget.ts'
import type { BoundClaim, Claim, Pot } from '../core/budget.ts'
import { claimsOf } from '../core/budget-policy.ts'
import type { BudgetPolicy } from '../core/budget-policy.ts'
import { newId } from '../core/id.ts'
import { localTimeZone } from '../core/window.ts'
import type { BudgetDocument } from './budget-document.ts'
import { createDrawer } from './drawer.ts'
import type { Environment } from './environment.ts'

/** What policies allow one subject on this device. */
export interface Limits {
  /** @throws {RangeError} when an amount that is limited is unknown */
  claims(amounts: Amounts): Claim[]
  bind(claims: readonly Claim[], run: string): BoundClaim[]
  /** What each limit's account is now: of a rolling window's the one that leaves the least. */
  pots(document: BudgetDocument): Pot[]
}

export function createLimits(policies: readonly BudgetPolicy[], subject: string, { now, session }: Environment): Limits {
  const limits = policies.flatMap(policy => claimsOf(policy, 'user', subject, localTimeZone()))
  let sessionId: string | undefined
  const ofSession = (bound: BoundClaim): BoundClaim =>
    bound.window === 'session' ? { ...bound, account: bound.account + (sessionId ??= sessionOf(session)) } : bound
  const bind = (claims: readonly Claim[], run: string) => bindClaims(claims, run, now()).map(ofSession)
  return {
    claims: amounts => claimAmounts(limits, amounts),
    bind,
    pots: ({ accounts }) => tightest(bind(limits.map(limit => ({ ...limit, amount: 0 })), '')
      .map(claim => ({ claim, account: { ...(accounts.get(claim.account) ?? emptyAccount(claim)), limit: claim.limit } }))),
  }
}

/** Which session of a page this is: a reload belongs to it, another tab does not. */
function sessionOf(session: Environment['session']): string {
  const drawer = createDrawer(session, 'sparing:session')
  const id = drawer.read() ?? newId()
  drawer.write(id)
  return id
}
