import { ceilingAmounts } from '../core/index.ts'
import type { Amounts, Catalog, OutputShape, Receipt } from '../core/index.ts'
import type { Admitted, RunAsk } from './admission.ts'
import type { Draw, RunFacts } from './budgets.ts'
import type { Health } from './health.ts'
import type { RunKey } from './ledger/port.ts'
import type { LessonsKeeper } from './lessons-keeper.ts'
import type { Settings } from './options.ts'
import type { InForce } from './policy.ts'
import type { ReceiptKeys } from './receipt-keys.ts'
import { receiptOf } from './receipts.ts'
import type { Bill } from './receipts.ts'
import type { TokenCounts } from './token-counts.ts'
import type { Verbatim } from './verbatim.ts'

/** Everything a run goes by. */
export interface RunContext {
  readonly id: string
  readonly ask: RunAsk
  readonly admitted: Admitted
  /** `null` for a baseline run of somebody unknown, which no ledger records. */
  readonly key: RunKey | null
  readonly draw: Draw & { readonly run: RunFacts }
  /** What it was admitted under; the ledger takes no run under another. */
  readonly policy: InForce
  readonly catalog: Catalog
  readonly settings: Settings
  readonly health: Health
  readonly receiptKeys: ReceiptKeys
  readonly lessons: LessonsKeeper
  readonly counts: TokenCounts
  /** Of the request, where it carries one: see https://www.w3.org/TR/trace-context. */
  readonly traceparent: string | null
  readonly verbatim?: Verbatim
  /** The most runs its identity may have open, where that is not the server's own number. */
  readonly concurrency?: number
}

/** The shape that the run's answer is to have, if any. */
export const outputOf = ({ ask, settings, verbatim }: { readonly ask: Pick<RunAsk, 'feature'>; readonly settings: Pick<Settings, 'features'>; readonly verbatim?: Verbatim | undefined }): OutputShape | undefined =>
  verbatim ? undefined : settings.features[ask.feature]?.output

/** A run at tier `baseline` draws on no budget and is dispatched to nobody. */
export const isFree = ({ tier }: Pick<RunAsk, 'tier'>): boolean => tier === 'baseline'

/** The most that a run may take of each unit: what is reserved for it. */
export function mostAmounts({ admitted, catalog }: Pick<RunContext, 'admitted' | 'catalog'>): Amounts {
  const quotes = [admitted, ...admitted.others].every(({ model }) => model.kind === 'extractive')
  return ceilingAmounts(admitted.most, quotes ? 0 : admitted.inputTokens, catalog.policy.carbon.gco2ePerWh)
}

/** What a run came to if nobody is left to say. */
export function assumedReceipt(run: RunContext): Receipt {
  const { id, admitted: { choice, estimate, optIn }, settings } = run
  return receiptOf({ id, status: 'expired', choice, estimate, optIn, bill: assumedBill(run), at: settings.now() })
}

/** Everything that was reserved for a run. */
export function assumedBill({ admitted, catalog }: Pick<RunContext, 'admitted' | 'catalog'>): Bill {
  const { tokens = 0 } = mostAmounts({ admitted, catalog })
  const { usd, wh, outputTokens } = admitted.most
  const cost = { usd, wh, gco2e: wh === null ? null : wh * catalog.policy.carbon.gco2ePerWh }
  return { usage: { input: tokens - outputTokens, cached: 0, output: outputTokens, reasoning: 0, source: 'assumed' }, cost }
}
