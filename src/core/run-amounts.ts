import { amountsOf } from './amount.ts'
import type { Amounts } from './amount.ts'
import type { Ceiling, Cost } from './estimate.ts'
import type { Usage } from './usage.ts'

/** The most a run may take, in every unit. An unknown amount is absent, and no budget in that unit can allow it. */
export function ceilingAmounts({ usd, wh, outputTokens }: Ceiling, inputTokens: number, gco2ePerWh: number): Amounts {
  return amountsOf({ usd, wh, gco2e: wh === null ? null : wh * gco2ePerWh, tokens: inputTokens + outputTokens, runs: 1 })
}

/** What a run took. One that cost nothing at all, because nothing was done for it, is not counted as a run either. */
export function spentAmounts({ cost, usage }: { readonly cost: Cost; readonly usage: Usage }): Amounts {
  return amountsOf({ ...cost, tokens: usage.input + usage.output, runs: cost.usd === 0 && cost.wh === 0 ? 0 : 1 })
}

/** What a run took that was never made. */
export const nothingSpent: Amounts = { usd: 0, wh: 0, gco2e: 0, tokens: 0, runs: 0 }
