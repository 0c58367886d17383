import { ceilingAt } from '../catalog/estimate.ts'
import { ceilingAmounts, fromGrains, spentAmounts } from '../core/index.ts'
import type { Catalog, Choice } from '../core/index.ts'
import type { Book, Call } from './book.ts'
import { modelName } from './health.ts'
import { reasonOf } from './reasons.ts'
import { billOf } from './receipts.ts'
import type { Bill } from './receipts.ts'
import type { RunContext } from './run-context.ts'

/** In what a model's server can report more than it was allowed. CO2e goes by the watt-hours. */
const limits = ['usd', 'wh', 'tokens'] as const
type Limit = (typeof limits)[number]

/** What a call is reported to have taken beyond what it was allowed, in the unit's own decimals. */
interface Excess {
  readonly limit: Limit
  readonly reported: number
  readonly allowed: number
}

/** What a call's model reports beyond its terms. What is counted here is within them. */
function excessesOf({ tally, terms }: Call, catalog: Pick<Catalog, 'policy'>): Excess[] {
  const { model, inputTokens, maxOutputTokens } = terms
  if (model.kind === 'extractive') return []
  const bill = billOf(tally, terms, catalog)
  const most = ceilingAmounts(ceilingAt(model, inputTokens, maxOutputTokens), inputTokens, catalog.policy.carbon.gco2ePerWh)
  const spent = spentAmounts(bill)
  const all = limits.filter(limit => (spent[limit] ?? 0) > (most[limit] ?? Infinity))
    .map(limit => ({ limit, reported: fromGrains(limit, spent[limit]!), allowed: fromGrains(limit, most[limit]!) }))
  // A short input leaves no room for a longer answer.
  const overlong = bill.usage.output > maxOutputTokens && !all.some(({ limit }) => limit === 'tokens')
  return overlong ? [...all, { limit: 'tokens', reported: bill.usage.output, allowed: maxOutputTokens }] : all
}

/**
 * The choice as its receipt tells it: where a model's server reports more than it was allowed, it says
 * so. Whoever runs the server hears of it once for each model and unit, and once more where it is by far.
 */
export function choiceAtLast({ calls, choice }: Book, { usage }: Bill, { catalog, health, settings }: Pick<RunContext, 'catalog' | 'health' | 'settings'>): Choice {
  // It stands at all that was reserved, because nobody can say what its calls took.
  if (usage.source === 'assumed') return choice
  const excesses = calls.flatMap(call => excessesOf(call, catalog).map(excess => ({ excess, model: call.terms.model })))
  for (const { excess, model } of excesses) {
    if (isNews(model, excess, health)) settings.onError(tooMuch(modelName(model), excess))
  }
  return excesses.length > 0 ? { ...choice, reasons: [...choice.reasons, reasonOf('over-ceiling')] } : choice
}

/** How many times what was allowed is no more a matter of figures that were a little off. */
const far = 10

function isNews(model: Call['terms']['model'], { limit, reported, allowed }: Excess, health: RunContext['health']): boolean {
  const isFirst = health.isNews(model, limit)
  return reported > far * allowed && health.isNews(model, `${limit} by far`) || isFirst
}

const words: Record<Limit, string> = { usd: 'dollars', wh: 'watt-hours', tokens: 'tokens' }

function tooMuch(model: string, { limit, reported, allowed }: Excess): Error {
  const follows = limit === 'wh' ? ' Estimates follow its meter as far as further runs show the like.' : ''
  return new Error(`"${model}" reports ${reported} ${words[limit]} for a call that was allowed ${allowed}. No more than the ceiling is taken from any budget, and the receipt, which has what was reported, says so.${follows} Look whether its server heeds the limit of output that it is sent, and whether it reports in the unit it names; this is said once.`)
}
