import { SparingError } from '../core/index.ts'
import type { PolicyAnswer, PolicyRequest } from '../protocol/index.ts'
import { policyKey } from './ledger/keys.ts'
import type { Ledger } from './ledger/port.ts'
import { applyPolicy, checkPolicy, noPolicy, policyAnswer, readPolicy, unreadable } from './policy.ts'
import type { Configured, InForce, StoredPolicy } from './policy.ts'

/** Milliseconds that a policy is believed without asking. A reserve does not go by it: the ledger compares revisions itself. */
const fresh = 2_000

/**
 * Milliseconds that a policy is gone by while the ledger cannot be read, for what needs no ledger: the baseline and
 * the catalog. Short failures take nothing away then; and a server that is cut off serves what is switched off
 * elsewhere for no longer than this.
 */
const believed = 300_000

/** This server's knowledge of the policy, which stands in the ledger's engine. */
export interface PolicyKeeper {
  /**
   * As it is known here, asked for again when that was a while ago. What was read in the last five minutes is gone by
   * while the ledger is away.
   * @throws {SparingError} `ledger-unavailable` where it was not: nobody knows what is switched off
   */
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

/** Whoever looks after the server reads why; people are told what is left to them. */
const unknown = (failure: Error) => new SparingError('ledger-unavailable', 'What is switched off here cannot be read, so nothing was run or spent. Try again later; the results without it still work.', {}, { cause: failure.cause ?? failure })

const stale = (made: number, { revision }: InForce) =>
  new SparingError('stale-policy', `The policy is at revision ${revision} by now, and this was made on ${made}. It stands as it was: read it again, and send yours on top of it.`, { revision })

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
  let asking: Promise<Error | null> | null = null
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
  // Either way: a clock may have gone back.
  const isWithin = (age: number) => known !== null && Math.abs(now() - known.at) < age
  const failed = (error: Error) => {
    // Otherwise whoever is refused for it has it reported.
    if (isWithin(believed)) onError(error)
    return error
  }
  const read = async () => look().then(({ stored, inForce }) => policyAnswer(stored, inForce))
  return {
    read,
    revision: () => known?.inForce.revision ?? null,
    refresh: async () => (await look()).inForce,
    async current() {
      if (isWithin(fresh)) return known!.inForce
      const failure = await (asking ??= look().then(() => null, failed).finally(() => { asking = null }))
      if (failure && !isWithin(believed)) throw unknown(failure)
      return known!.inForce
    },
    async replace({ revision, author, ...policy }) {
      checkPolicy(policy, configured)
      const stored: StoredPolicy = { ...policy, author, at: now() }
      if (await ledger.putDocument(policyKey, stored, revision)) return read()
      throw stale(revision, (await look()).inForce)
    },
  }
}
