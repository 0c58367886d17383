import type { RunState } from '../client/index.ts'
import type { Budget } from '../core/index.ts'
import type { ControlState } from './control-state.ts'
import { bound, duration, energiesOf, mostOf, refusal, spent, timesLightest } from './figures.ts'
import type { Wording, wordsOf } from './figures.ts'
import { isReady, thinksLonger } from './offer.ts'
import type { ReadyOffer } from './offer.ts'
import type { Offers } from './use-offers.ts'

/** What the line of a control is made from. */
export interface HintFacts {
  readonly state: ControlState
  readonly run: RunState | null
  readonly offers: Offers
  readonly wording: Wording
  readonly words: ReturnType<typeof wordsOf>
  /** The person's own budgets, which shares are of. */
  readonly lines: readonly Budget[]
  /** It helps a person to take part, by its purpose or by their own mark: once chosen, its cost is not held up to them at each use. */
  readonly aid: boolean
  /** What was shown before the run that is on screen. */
  readonly promised: ReadyOffer | null
  /** What a standing opt-in agreed to, where nothing fits that any longer. */
  readonly agreed: ReadyOffer | null
  /** What was shown, and what it would be now. */
  readonly change: { readonly before: ReadyOffer; readonly now: ReadyOffer } | null
}

/** The one line that says how things stand. `rest` are whole sentences. */
export interface Hint {
  readonly lead: string
  readonly rest: readonly string[]
  readonly tone: 'quiet' | 'warn'
}

const quiet = (lead: string, ...rest: readonly string[]): Hint => ({ lead, rest: rest.filter(Boolean), tone: 'quiet' })
const warn = (...rest: readonly string[]): Hint => ({ lead: '', rest, tone: 'warn' })

/** What a control says in its state. */
export function hintOf(facts: HintFacts): Hint {
  const { state, wording, words } = facts
  const { text } = wording
  switch (state.name) {
    case 'off':
    case 'estimating': return offerHint(facts)
    case 'asking': return askHint(facts, state.offer)
    case 'running': return quiet(state.thinking ? text.thinking : text.writing, text.keepReading)
    case 'hidden': return quiet('', text.hidden(words.many))
    case 'done': return state.refused ? hintOf({ ...facts, state: state.refused }) : quiet('')
    default: return endHint(facts)
  }
}

/** What a control says of what went otherwise than asked. */
function endHint(facts: HintFacts): Hint {
  const { state, wording, words } = facts
  const { text, owner } = wording
  switch (state.name) {
    case 'stopped': return quiet(text.didNotFinish, countedOf(facts), text.unaffected)
    case 'failed': return quiet(state.started ? text.didNotFinish : text.didNotStart, state.started ? countedOf(facts) : text.nothingCounted, text.unaffected)
    case 'refused-by-budget': return warn(refusal(wording, state.refusing))
    case 'refused-by-policy': return quiet('', text.turnedOff(owner, words.many))
    case 'offline': return quiet('', state.reason === 'device' ? text.offline : text.unreachable(words.many))
    case 'price-changed': return warn(changedHint(facts), text.nothingSpent)
    case 'unquoted': return unquotedHint(facts)
    case 'no-model': return quiet('', state.reason === 'unconfigured' ? text.noModel : text.tooLong(words.one))
    default: return quiet('')
  }
}

function offerHint(facts: HintFacts): Hint {
  const { state, aid, offers: { main }, wording, words: { title } } = facts
  const { text } = wording
  if (!isReady(main) || aid && state.name === 'off' && state.standing) return quiet(text.optional(title))
  const time = duration(wording, main.estimate)
  return quiet(text.optional(title), time ? text.sentence([time]) : '', outgrown(facts, main) ?? boundSentence(wording, main))
}

/** Why somebody who had agreed to it is asked anew: "Now at most 5% instead of 2%." */
function outgrown({ agreed, wording }: HintFacts, offer: ReadyOffer): string | null {
  const together = energiesOf(offer.estimate, agreed?.estimate)
  const [now, then] = [bound(wording, offer, 'short', together), agreed && bound(wording, agreed, 'short', together)]
  return agreed && now ? wording.text.priceChanged(now, now === then ? null : mostOf(wording, agreed, 'short', together), false) : null
}

/** "At most 2% of today's allowance.", or that nobody knows. */
export function boundSentence(wording: Wording, offer: ReadyOffer): string {
  const figure = bound(wording, offer, 'long')
  return figure ? wording.text.sentence([figure]) : wording.text.unknownCost
}

function askHint(facts: HintFacts, offer: ReadyOffer): Hint {
  const { offers, wording, words } = facts
  const { text } = wording
  const parts = [timesLightest(wording, offer, offers.levels[1], words.one), bound(wording, offer, 'long'), duration(wording, offer.estimate)].filter(part => part !== null)
  return quiet(thinksLonger(offer) ? text.thinkLongerQuestion : text.question(words.act), text.sentence(parts), outgrown(facts, offer) ?? '')
}

/** What a run that did not finish was counted as: until somebody knows, all that was set aside for it. */
function countedOf({ state, run, wording, lines, promised }: HintFacts): string {
  const { text } = wording
  if (!run?.receipt) {
    // Stopped before it was sent, there never was one.
    if (state.name === 'stopped' && !('receipt' in (run?.error?.details ?? {}))) return text.nothingCounted
    const most = promised && bound(wording, promised)
    return most ? text.counted(most) : ''
  }
  const { share, used } = spent(wording, run.receipt, lines)
  const nothing = share?.ratio === 0 && !run.receipt.cost.wh
  return nothing ? text.nothingCounted : text.counted(used)
}

/** What was looked for and not found took next to nothing; what can be had instead is a new offer, and no dearer price of the old one. */
function unquotedHint(facts: HintFacts): Hint {
  const { change, wording, words: { title } } = facts
  const { text } = wording
  const time = change && duration(wording, change.now.estimate)
  const most = change && bound(wording, change.now, 'long')
  return quiet(text.unquoted, countedOf(facts), text.canWrite(title, most), most ? '' : text.unknownCost, time ? text.sentence([time]) : '')
}

function changedHint({ wording, change }: HintFacts): string {
  const { text } = wording
  if (!change) return text.priceChanged(text.unknownCost, null, false)
  const together = energiesOf(change.now.estimate, change.before.estimate)
  const [now, then] = [bound(wording, change.now, 'short', together), bound(wording, change.before, 'short', together)]
  const longer = change.now.estimate.tokens.input.high > change.before.estimate.tokens.input.high
  // Rounding may hide the difference.
  return text.priceChanged(now ?? text.unknownCost, now === then ? null : mostOf(wording, change.before, 'short', together), longer)
}
