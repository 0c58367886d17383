import type { SettledRun } from '../catalog/lessons.ts'
import { sampledTokens } from '../catalog/tokens.ts'
import type { Receipt } from '../core/index.ts'
import type { Book } from './book.ts'
import type { RunContext } from './run-context.ts'

/**
 * A run that ended, as far as something is learned from it: beside the estimate of the model that
 * served it, which need not be the one that was shown. Where several calls were made, their sum says
 * nothing of one call's pace or input.
 */
export function settledRunOf({ ask, admitted }: RunContext, { calls }: Book, receipt: Receipt): SettledRun {
  const last = calls.at(-1)
  const { estimate } = [admitted, ...admitted.others].find(({ model }) => model === last?.terms.model) ?? admitted
  const run: SettledRun = { receipt: { ...receipt, estimate }, isMeasured: calls.some(({ tally }) => tally.measuredWh !== undefined) }
  if (!last || calls.length > 1) return run
  const { tally: { first, seconds: total } } = last
  return { ...run, estimatedInput: sampledTokens(ask.input, admitted.feature.overhead).mid, seconds: { first, total } }
}
