import { SparingError } from '../core/index.ts'
import type { PolicyAnswer, PolicyRequest } from '../protocol/index.ts'
import { policyKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'
import { applyPolicy, checkPolicy, noPolicy, policyAnswer, readPolicy, unreadable } from './policy.ts'
import type { Configured, InForce, StoredPolicy } from './policy.ts'

/** Milliseconds that a policy is believed without asking. A reserve does not go by it: the ledger compares revisions itself. */
const fresh = 2_000

/** This server's knowledge of the policy, which stands in the ledger's engine. */
export interface PolicyKeeper {
  /** As it is known here, asked for again when that was a while ago. Never rejects: without the ledger nothing is reserved anyway. */
  current(): Promise<InForce>
  /** Of the policy that is known here; `null` before the first was. */
  revision(): number | null
  /** @throws {SparingError} `ledger-unavailable` */
  refresh(): Promise<InForce>
  /** @throws {SparingError} `ledger-unavailable` */
  read(): Promise<PolicyAnswer>
  /**
   * Puts another in its place, in force at the next reserve of every server.
   * @throws {SparingError} `stale-policy` where it was made on another than the one in force; `invalid-request`; `ledger-unavailable`
   */
  replace(request: PolicyRequest): Promise<PolicyAnswer>
}

interface Known {
  readonly stored: StoredPolicy | null
  readonly inForce: InForce
  readonly at: number
}

interface KeeperOptions extends Configured {
  readonly ledger: Ledger
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

export function keepPolicy({ ledger, now, onError, ...configured }: KeeperOptions): PolicyKeeper {
  let known: Known | null = null
  let asking: Promise<unknown> | null = null
  // Answers overtake one another: only one that was asked for later replaces what is known.
  let [asked, heard] = [0, 0]

  async function look(): Promise<Known> {
    const turn = ++asked
    const document = await ledger.document(policyKey)
    const stored = document && readPolicy(document.value)
    if (document && !stored) onError(new Error('The stored policy cannot be read, so everything is switched off. Put another one in its place with PUT /v1/policy.'))
    const found = { stored, inForce: applyPolicy(configured, document ? stored ?? unreadable : noPolicy, document?.revision ?? 0), at: now() }
    if (turn < heard) return known!
    heard = turn
    return known = found
  }
  async function read(): Promise<PolicyAnswer> {
    const { stored, inForce } = await look()
    return policyAnswer(stored, inForce)
  }
  return {
    read,
    revision: () => known?.inForce.revision ?? null,
    refresh: async () => (await look()).inForce,
    async current() {
      if (!known || Math.abs(now() - known.at) >= fresh) {
        await (asking ??= look().catch(onError).finally(() => { asking = null }))
      }
      return known?.inForce ?? applyPolicy(configured, noPolicy, 0)
    },
    async replace({ revision, author, ...policy }) {
      checkPolicy(policy, configured)
      const stored: StoredPolicy = { ...policy, author, at: now() }
      if (await ledger.putDocument(policyKey, stored, revision)) return read()
      const { inForce } = await look()
      throw new SparingError('stale-policy', `The policy is at revision ${inForce.revision} by now, and this was made on ${revision}. It stands as it was: read it again, and send yours on top of it.`, { revision: inForce.revision })
    },
  }
}
