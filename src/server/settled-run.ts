import type { SettledRun } from '../catalog/lessons.ts'
import { sampledTokens } from '../catalog/tokens.ts'
import type { Receipt } from '../core/index.ts'
import type { Book } from './book.ts'
import { usageOf } from './receipts.ts'
import type { RunContext } from './run-context.ts'

/**
 * A run that ended, as far as something is learned from it: beside the estimate of the model that
 * served it, which need not be the one that was shown. Where others failed before that, or its answer
 * had to be repaired, the last call alone says how long and how fast its model answers.
 */
export function settledRunOf({ ask, admitted }: RunContext, { calls }: Book, receipt: Receipt): SettledRun {
  const last = calls.at(-1)
  const { estimate } = [admitted, ...admitted.others].find(({ model }) => model === last?.terms.model) ?? admitted
  const isMeasured = calls.some(({ tally }) => tally.measuredWh !== undefined)
  if (!last) return { receipt: { ...receipt, estimate }, isMeasured }
  const { tally, terms } = last
  const run: SettledRun = { receipt: { ...receipt, estimate, usage: usageOf(tally, terms) }, isMeasured, seconds: { first: tally.first, total: tally.seconds } }
  return calls.length > 1 ? { ...run, hadOthers: true } : { ...run, estimatedInput: sampledTokens(ask.input, admitted.feature.overhead).mid }
}
