import { amountsOf } from '../core/amount.ts'
import { twoFigures } from '../core/figure.ts'
import { noUsage, secondsOf, spentAmounts } from '../core/index.ts'
import type { Budget, BudgetNotice, Estimate, NamedWindow, Range, Receipt, Task, Window } from '../core/index.ts'
import type { Messages } from './messages.ts'
import type { Figures } from './words.ts'
import { isReady } from './offer.ts'
import type { Offer, ReadyOffer } from './offer.ts'
import { shareOf, wholePercent } from './share.ts'
import type { Share } from './share.ts'

/** What the bundle's figures are formed with. */
export interface Wording {
  readonly text: Messages
  /** Whether the person is charged: only then are they shown money. */
  readonly pays: boolean
  readonly owner: string | null
}

/** A share that was counted, as "2%", or "less than 1%" for anything above nothing. */
export function countedShare({ text }: Wording, ratio: number, nothing = ratio === 0): string {
  return !nothing && ratio * 100 < 1 ? text.lessThan(text.percent(1)) : text.percent(wholePercent(ratio))
}

/** A share as a bound: whole percent, and at least one, because no run takes nothing. */
const boundShare = ({ text }: Wording, { ratio }: Share): string => text.percent(Math.max(1, wholePercent(ratio)))

/** What an allowance is called by how long it lasts. */
export function allowanceOf(text: Messages, window: Window): string {
  const seconds = secondsOf(window)
  return seconds === null ? text.windows[window as NamedWindow] : text.rolling(text.seconds(seconds))
}

export const ofAllowance = ({ text }: Wording, percent: string, { window }: Pick<Share, 'window'>): string =>
  text.ofAllowance(percent, allowanceOf(text, window))

/** Watt-hours that are read beside one another: what offers are likely to take, and take at most. */
export const energiesOf = (...estimates: readonly (Estimate | undefined)[]): readonly number[] =>
  estimates.filter(each => each !== undefined).flatMap(({ cost, ceiling }) => [cost.wh?.low, cost.wh?.high, ceiling.wh].filter(wh => wh != null))

type Form = 'short' | 'long'

const shareIn = (form: Form, wording: Wording, percent: string, share: Share): string => form === 'long' ? ofAllowance(wording, percent, share) : percent

/** The most one run takes: of money if people pay, else of their allowance; `null` where neither is known. */
export function mostCost(wording: Wording, { estimate: { ceiling }, share }: ReadyOffer, form: Form): string | null {
  if (wording.pays && ceiling.usd !== null) return wording.text.money(ceiling.usd, 'up')
  return share && shareIn(form, wording, boundShare(wording, share), share)
}

/** What one run is likely to take, of the same: "$0.0001 to $0.0004". @param lines that it draws on */
export function usualCost(wording: Wording, { estimate: { ceiling, cost, tokens }, share }: ReadyOffer, lines: readonly Budget[], form: Form): string | null {
  const { text, pays } = wording
  if (pays && ceiling.usd !== null) return cost.usd && text.span(text.money(cost.usd.low), text.money(cost.usd.high))
  if (!share) return null
  // Of the line that binds.
  const shown = lines.filter(({ window }) => window === share.window)
  const percent = (end: 'low' | 'high') => (shareOf(amountsAt({ cost, tokens }, end), shown)?.ratio ?? 0) * 100
  return shareIn(form, wording, percentSpan(text, percent('low'), percent('high')), share)
}

const amountsAt = ({ cost: { usd, wh, gco2e }, tokens: { input, output } }: Pick<Estimate, 'cost' | 'tokens'>, end: 'low' | 'high') =>
  spentAmounts({ cost: { usd: usd && usd[end], wh: wh && wh[end], gco2e: gco2e && gco2e[end] }, usage: { ...noUsage, input: input[end], output: output[end] } })

function percentSpan(text: Messages, low: number, high: number): string {
  if (high < 1) return text.lessThan(text.percent(1))
  const most = text.percent(Math.round(high))
  return low < 1 ? text.upTo(most) : text.span(text.percent(Math.round(low)), most)
}

/** The most one run takes, in a unit that people are shown: as above, else energy. */
export function mostOf(wording: Wording, offer: ReadyOffer, form: Form = 'short', together = energiesOf(offer.estimate)): string | null {
  const { wh } = offer.estimate.ceiling
  return mostCost(wording, offer, form) ?? (wh === null ? null : wording.text.energy(wh, 'up', together)[0])
}

/** Likewise of a receipt, which is read beside what Details had said. */
export const energiesOfReceipt = ({ cost, estimate }: Receipt): readonly number[] => [...energiesOf(estimate), ...cost.wh === null ? [] : [cost.wh]]

/** "at most 2%"; `null` where nobody knows. @param together watt-hours that it is read beside */
export function bound(wording: Wording, offer: ReadyOffer, form: 'short' | 'long' = 'short', together?: readonly number[]): string | null {
  const most = mostOf(wording, offer, form, together)
  return most === null ? null : wording.text.atMost(most)
}

/** "About 5 seconds", by what is likely. */
export const duration = ({ text }: Wording, { seconds }: Estimate): string | null => seconds && text.about(text.seconds(seconds.mid))

/** What a run took, as a share or as money, and what had been said. */
export function spent(wording: Wording, receipt: Receipt, lines: readonly Budget[], together?: readonly number[]): { share: Share | null; used: string } {
  const { cost, usage, estimate, choice } = receipt
  const isOver = choice.reasons.some(({ code }) => code === 'over-ceiling')
  // What a model's server reports beyond the ceiling was taken from nobody.
  const taken = (unit: 'usd' | 'wh') => isOver && cost[unit] !== null ? Math.min(cost[unit], estimate.ceiling[unit] ?? Infinity) : cost[unit]
  const [usd, wh] = [taken('usd'), taken('wh')]
  const amounts = isOver ? amountsOf({ usd, wh, runs: 1 }) : spentAmounts({ cost, usage })
  const share = estimate.tier === 'baseline' && choice.tier === 'baseline' ? null : shareOf(amounts, lines)
  if (wording.pays && usd !== null) return { share, used: usd === 0 ? wording.text.money(0) : wording.text.money(usd, 'up') }
  // What cost no money still took energy.
  if (share) return { share, used: countedShare(wording, share.ratio, !cost.usd && !cost.wh) }
  return { share, used: wh === null ? '' : wording.text.energy(wh, undefined, together)[0] }
}

/** How many times as much energy one run is likely to take as another; `null` where it is about the same, or unknown. */
function timesAsMuch(one: Range | null | undefined, other: Range | null | undefined): number | null {
  const ratio = one && other && other.mid > 0 ? one.mid / other.mid : 1
  return ratio >= 1.5 ? ratio : null
}

/** What is used up or too small, who set it, and when it begins anew. */
export function refusal({ text, owner }: Wording, refusing: readonly (Budget | BudgetNotice)[]): string {
  const first = refusing.find(budget => !('unit' in budget)) ?? refusing.toSorted((a, b) => (b.resetsAt ?? Infinity) - (a.resetsAt ?? Infinity))[0]
  const by = owner ? text.setBy(owner) : ''
  const resets = first?.resetsAt == null ? [] : [text.resets(text.time(first.resetsAt))]
  if (!first || !('unit' in first)) return [text.usedUp(text.sharedAllowance, by), ...resets].join(' ')
  const allowance = allowanceOf(text, first.window)
  if (first.available === first.limit && first.limit > 0) return text.tooMuch(allowance, by)
  const left = first.limit > 0 ? Math.floor(first.available / first.limit * 100) : 0
  return [left > 0 ? text.notEnough(text.ofAllowance(text.percent(left), allowance), by) : text.usedUp(allowance, by), ...resets].join(' ')
}

/** The energy that an offer is likely to take, as it is read and as it is spoken; in the unit of the most that it takes. */
export function energySpan(text: Messages, estimate: Estimate, together = energiesOf(estimate)): Figures | null {
  const { wh } = estimate.cost
  return wh && text.energy([wh.low, wh.high], undefined, together)
}

/** The most energy it takes, as a person can picture it: for how long it lights a lamp of 10 watts. */
export function lamp({ text }: Wording, estimate: Estimate): Figures | null {
  const { wh } = estimate.ceiling
  return wh === null ? null : text.lamp(text.energy(wh, 'up', energiesOf(estimate)), text.seconds(wh * 3_600 / lampWatts, 'up'), text.number(lampWatts))
}

const lampWatts = 10

/** "about 12 times a Light answer": by energy, or by money where that alone is known; `null` where it is about as much. */
export function timesLightest({ text }: Wording, { estimate: { cost } }: ReadyOffer, lightest: Offer | undefined, one: string): string | null {
  if (!isReady(lightest)) return null
  const { cost: least, tier } = lightest.estimate
  const times = cost.wh && least.wh ? timesAsMuch(cost.wh, least.wh) : timesAsMuch(cost.usd, least.usd)
  return times === null ? null : text.timesLevel(text.number(times), text.levelOf(text.levels[tier], one), twoFigures(times))
}

/** Against the quotes while that can be pictured, else against the lowest level: also that it is no more, and why. */
export function comparison(wording: Wording, offer: ReadyOffer, lightest: Offer | undefined, one: string): string | null {
  const { text } = wording
  const { model, tier, effort, cost, baseline } = offer.estimate
  const times = timesAsMuch(cost.wh, baseline.wh)
  if (times && times < 100) return text.timesResults(text.number(times), twoFigures(times))
  const more = timesLightest(wording, offer, lightest, one)
  if (more) return text.alone(more)
  if (!isReady(lightest) || tier === lightest.estimate.tier || !cost.wh) return null
  const least = text.levelOf(text.levels[lightest.estimate.tier], one)
  const isSame = model === lightest.estimate.model && effort === lightest.estimate.effort
  return text.alone(isSame ? text.sameModel(least) : text.sameAsLevel(least))
}

/** Tasks whose output says again what a text says, so that it can be checked against it. */
const fromText: readonly Task[] = ['summarize', 'rewrite', 'translate', 'classify', 'extract']

/** The words for a feature's output: its task's, one of them and several; `check` says what it can be checked by, if by anything. */
export function wordsOf(text: Messages, task: Task = 'answer'): { one: string; many: string; title: string; act: string; check: string } {
  const [one, many, act] = text.tasks[task]
  const check = task === 'answer' ? text.checkQuotes : fromText.includes(task) ? text.checkText : ''
  return { one, many, title: text.title(one), act: text.act(act), check }
}
