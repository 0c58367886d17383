import type { Amounts, Budget, Claim, Receipt } from '../../core/index.ts'
import type { Ledger, ReserveRequest, RunKey } from '../../server/index.ts'

/** What a test of a ledger has before it: an empty ledger, its clock, and short words for what is often done. */
export interface Scene {
  readonly ledger: Ledger
  readonly clock: { now: number }
  /** Fails unless both are the same in every part. */
  equal(actual: unknown, expected: unknown): void
  /** Another holder of the same record. */
  again(): Promise<Ledger>
  /** Two holders of the record, to be asked at once; where there can be one only, that one twice. */
  both(): Promise<readonly [Ledger, Ledger]>
  /** What a budget comes to. @param of @default ten runs a day for `ada` */
  stand(of?: Claim, ledger?: Ledger): Promise<Pick<Budget, 'settled' | 'held' | 'available'>>
  reserved(key: RunKey, claims?: readonly Claim[]): Promise<void>
  settled(key: RunKey, claims: readonly Claim[], actual: Amounts): Promise<void>
}

/** Tests by their names. */
export type Scenes = Readonly<Record<string, (scene: Scene) => Promise<void>>>

/** 24 November 2026, noon, UTC. */
export const noon = Date.UTC(2026, 10, 24, 12)
export const hour = 3_600_000
export const lease = 60_000

export const claim = (amount: number, change: Partial<Claim> = {}): Claim =>
  ({ budget: 'mine', scope: 'user', subject: 'ada', unit: 'runs', window: 'day', timeZone: 'UTC', limit: 10, amount, ...change })

export const run = (name: string, identity = 'ada'): RunKey => ({ identity, run: name })

export const request = (key: RunKey, claims: readonly Claim[], change: Partial<ReserveRequest> = {}): ReserveRequest =>
  ({ ...key, body: 'body', claims, lease, concurrency: 1_000, ...change })

/** A receipt of a run that cost nothing. */
export const receiptOf = (id: string): Receipt => ({
  id, feature: 'summary', status: 'completed', usage: { input: 1, cached: 0, output: 1, reasoning: 0, source: 'reported' },
  choice: { model: 'm', provider: 'p', tier: 'eco', effort: 'none', need: 'generate', reasons: [] }, cost: { usd: 0, wh: 0, gco2e: 0 },
  estimate: {
    id: 'e', status: 'ready', feature: 'summary', tier: 'eco', effort: 'none', model: 'm', catalogVersion: 'v', tokens: { input: { low: 0, mid: 0, high: 0 }, output: { low: 0, mid: 0, high: 0 } },
    cost: { usd: null, wh: null, gco2e: null }, seconds: null, stars: null, ceiling: { usd: null, wh: null, outputTokens: 0 }, provenance: { usd: 'unknown', wh: 'unknown' }, baseline: { usd: null, wh: null, gco2e: null },
  },
  optIn: null, budgets: [], at: noon, signature: null,
})

/** The words of a scene over a ledger. */
export function sceneOf({ ledger, clock, again, both, equal }: Pick<Scene, 'ledger' | 'clock' | 'again' | 'both' | 'equal'>): Scene {
  const reserved = async (key: RunKey, claims: readonly Claim[] = [claim(1)]) => equal((await ledger.reserve(request(key, claims))).outcome, 'reserved')
  return {
    ledger, clock, again, both, equal, reserved,
    async stand(of = claim(0), from = ledger) {
      const [{ settled, held, available }] = await from.balance([of]) as [Budget]
      return { settled, held, available }
    },
    async settled(key, claims, actual) {
      await reserved(key, claims)
      await ledger.settle(key, actual, receiptOf(key.run))
    },
  }
}
