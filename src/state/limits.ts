import type { Amounts } from '../core/amount.ts'
import { bindClaims, claimAmounts, emptyAccount, tightest } from '../core/budget.ts'
import type { Account, BoundClaim, Claim, Pot } from '../core/budget.ts'
import { claimsOf } from '../core/budget-policy.ts'
import type { BudgetPolicy } from '../core/budget-policy.ts'
import { newId } from '../core/id.ts'
import { localTimeZone } from '../core/window.ts'
import { assumedIn } from './budget-document.ts'
import type { BudgetDocument } from './budget-document.ts'
import { createDrawer } from './drawer.ts'
import type { Environment } from './environment.ts'

/** What policies allow one subject on this device. */
export interface Limits {
  /** @throws {RangeError} when an amount that is limited is unknown */
  claims(amounts: Amounts): Claim[]
  bind(claims: readonly Claim[], run: string): BoundClaim[]
  /**
   * What each limit's account is now: of a rolling window's the one that leaves the least. What was
   * counted in full because nobody knew better shows as held until somebody does: so what is settled
   * never shrinks within its period.
   */
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
    pots(document) {
      const assumed = assumedIn(document)
      return tightest(bind(limits.map(limit => ({ ...limit, amount: 0 })), '').map(claim => {
        const account = document.accounts.get(claim.account) ?? emptyAccount(claim)
        return { claim, account: { ...undecided(account, assumed.get(account.key) ?? 0), limit: claim.limit } }
      }))
    },
  }
}

/** An account with what was assumed set aside. */
function undecided(account: Account, assumed: number): Account {
  const aside = Math.min(assumed, account.settled)
  return { ...account, settled: account.settled - aside, held: account.held + aside }
}

/** Which session of a page this is: a reload belongs to it, another tab does not. */
function sessionOf(session: Environment['session']): string {
  const drawer = createDrawer(session, 'sparing:session')
  const id = drawer.read() ?? newId()
  drawer.write(id)
  return id
}
