import { energyOf } from '../catalog/draw.ts'
import type { SettledRun } from '../catalog/lessons.ts'
import { sampledTokens } from '../catalog/tokens.ts'
import { exactly } from '../core/index.ts'
import type { Receipt, Usage } from '../core/index.ts'
import type { Book, Call } from './book.ts'
import { modelName } from './health.ts'
import type { Settings } from './options.ts'
import { usageOf } from './receipts.ts'
import type { RunContext } from './run-context.ts'

/**
 * A run that ended, as far as something is learned from it: beside the estimate of the model that
 * served it, which need not be the one that was shown. Where others failed before that, or its answer
 * had to be repaired, the last call alone says how long and how fast its model answers.
 */
export function settledRunOf({ ask, admitted, settings }: RunContext, { calls }: Book, receipt: Receipt): SettledRun {
  const last = calls.at(-1)
  const { estimate } = [admitted, ...admitted.others].find(({ model }) => model === last?.terms.model) ?? admitted
  const isMeasured = calls.some(({ tally }) => tally.measuredWh !== undefined)
  if (!last) return { receipt: { ...receipt, estimate }, isMeasured }
  const { tally, terms } = last
  const usage = usageOf(tally, terms)
  const run: SettledRun = { receipt: { ...receipt, estimate, usage }, isMeasured, seconds: { first: tally.first, total: tally.seconds }, ...meterOf(last, usage, settings) }
  return calls.length > 1 ? { ...run, hadOthers: true } : { ...run, estimatedInput: sampledTokens(ask.input, admitted.feature.overhead).mid }
}

/** Beside the configured profile: beside one that follows the meter, the meter would be compared with itself. */
function meterOf({ tally: { measuredWh }, terms: { model } }: Call, usage: Usage, { providers }: Settings): Pick<SettledRun, 'meter'> {
  const configured = providers.flatMap(({ models }) => models).find(each => modelName(each) === modelName(model))
  if (measuredWh === undefined || !configured?.energy) return {}
  return { meter: { wh: measuredWh, modelled: energyOf(configured.energy, exactly(usage.input), exactly(usage.output)).mid } }
}
