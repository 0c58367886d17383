import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { Input, Run, RunState } from '../client/index.ts'
import type { Effort, Tier } from '../core/index.ts'
import { actionsOf, isUnconfigured } from './control-actions.ts'
import type { Act, ControlActions, Outcome } from './control-actions.ts'
import { controlState } from './control-state.ts'
import type { ControlState } from './control-state.ts'
import { wordsOf } from './figures.ts'
import { focusIn } from './focus.ts'
import type { HintFacts } from './hint.ts'
import { useBudget, useControlled, useKept, useMedia, useOnline, useReady, useRun } from './hooks.ts'
import { mergeMessages } from './messages.ts'
import type { MessageOverrides } from './messages.ts'
import { isReady, pricedOffer } from './offer.ts'
import type { Demand } from './offer.ts'
import { useSparing } from './provider.tsx'
import type { Sparing } from './provider.tsx'
import { ownLines } from './share.ts'
import { useAnnouncements } from './use-announcements.ts'
import { useAutoRun } from './use-auto-run.ts'
import { useOffers } from './use-offers.ts'
import { useOwnRun } from './use-own-run.ts'
import { useUnsettled } from './use-unsettled.ts'

/** How a control is set up. Each value may be the host's own (`tier`) or the control's (`defaultTier`). */
export interface ControlOptions {
  readonly input: Input
  /** @default the lowest generative level that is set up */
  readonly tier?: Tier
  readonly defaultTier?: Tier
  readonly onTierChange?: (tier: Tier | undefined) => void
  /** @default 'none' */
  readonly effort?: Effort
  readonly defaultEffort?: Effort
  readonly onEffortChange?: (effort: Effort) => void
  /** A run that the host owns; the control's own is stopped when it leaves the page. */
  readonly run?: Run | null
  readonly defaultRun?: Run | null
  readonly onRunChange?: (run: Run | null) => void
  /** A standing opt-in then runs without a press, once for each visible element and input. */
  readonly autoRun?: 'visible'
  /** Milliseconds for which an input must have stood before it runs without a press: 0 for one that is final, `Infinity` while it changes. @default 1500 */
  readonly autoRunAfter?: number
  /** Whether a look-up takes the offer out of the page. A persistent `Trigger` still works. @default true */
  readonly demote?: boolean
  readonly messages?: MessageOverrides
  /** Told what the person did with an answer; `null` tells nobody, and nobody is asked. @default the server, which learns from it: the client's `report` */
  readonly onOutcome?: ((outcome: Outcome) => void) | null
}

/** A feature's control: what it shows, and what may be done with it. */
export interface OptInControl extends HintFacts, ControlActions {
  readonly feature: string
  readonly sparing: Sparing
  readonly tier: Tier | undefined
  readonly effort: Effort
  readonly setLevel: (demand: Demand) => void
  /** Seconds that the run took, once it has ended. */
  readonly took: number | null
  /** Text is held back until the run has ended. */
  readonly whenFinished: boolean
  /** It runs by itself: then it can be held back. */
  readonly auto: boolean
  /** Somebody is told whether an answer was enough. */
  readonly rates: boolean
  readonly input: Input
  /** The run that is shown began here: room for it was made at its press. */
  readonly reserved: boolean
  readonly id: string
  /** For the element whose hover and focus hold the figures. */
  readonly panel: (element: HTMLElement | null) => void
  /** Whether the keyboard is to be led there, now that it is shown; asked once. */
  readonly takeAttention: () => boolean
  readonly hold: (by: 'pointer' | 'focus', held: boolean) => void
}

/** The state and the actions of a feature's control, to build one's own; `OptIn` is built on it. */
export function useOptIn(feature: string, options: ControlOptions): OptInControl {
  const sparing = useSparing()
  const id = useId()
  const input = useKept(options.input)
  const level = useLevel(options)
  const [held, hold] = useHeld()
  const [act, setAct] = useAct(input)
  const own = useOwnRun(options, input)
  const [deferred, setDeferred] = useState(false)
  const whenFinished = useMedia('(prefers-reduced-motion: reduce)') || deferred
  // Shown piece by piece, it would only flicker.
  const run = useRun(own.run, { whenFinished: whenFinished || own.run !== null && comesAtOnce(own.run.getState()) })
  const offers = useOffers(feature, input, level, held, run)
  const state = useControlState({ feature, input, demote: options.demote ?? true }, { act, run, offers })
  const facts = useHintFacts({ feature, input, messages: options.messages }, { state, run, offers }, act?.kind === 'refused' ? act.run : run)
  const unsettled = useUnsettled(state.name)
  const [panel, setPanel] = useState<HTMLElement | null>(null)
  const { takeAttention, attend } = useAttention(panel)
  const actions = actionsOf({ ...facts, sparing, feature, input, act, setAct, own, unsettled, setDeferred, attend, onOutcome: options.onOutcome })
  const auto = options.autoRun === 'visible' && offers.status.state === 'on'
  useAutoRun(auto && state.name === 'off' && isReady(offers.main) ? panel : null, feature, input, actions.runByItself, options.autoRunAfter)
  useModelWarning(feature, state)
  useAnnouncements(facts, act !== null || run !== null, sparing.announce)
  return {
    ...facts, ...actions, ...level, feature, input, sparing, id, took: own.took, whenFinished, auto, hold,
    panel: setPanel, takeAttention, rates: options.onOutcome !== null, reserved: useReserved(state, run),
  }
}

/** People see nothing where no model is set up; whoever forgot it should. */
function useModelWarning(feature: string, state: ControlState): void {
  const missing = state.name === 'absent' && state.because === 'no-model'
  useEffect(() => {
    if (missing) console.warn(`sparing: no model is set up for "${feature}" at this level, so nothing is offered. Give the server one, or set showUnconfigured to tell people.`)
  }, [missing, feature])
}

interface Moment {
  readonly act: Act | null
  readonly run: HintFacts['run']
  readonly offers: HintFacts['offers']
}

/** The decision of `controlState`, with what only the page knows. */
function useControlState({ feature, input, demote }: { feature: string; input: Input; demote: boolean }, { act, run, offers }: Moment): ControlState {
  const { ai, showUnconfigured } = useSparing()
  const ready = useReady()
  const online = useOnline()
  const need = useMemo(() => ready ? ai.need(feature, input) : 'generate', [ready, ai, feature, input])
  const pressed = act?.kind === 'pressed'
  const refused = act?.kind === 'refused' ? act.run.error : null
  const offer = (pressed || act?.kind === 'refused' ? act.offer : null) ?? offers.main
  return controlState({
    ready, online, need, demote, showUnconfigured, pressed, refused, offer, run, status: offers.status,
    called: act?.kind === 'called', hidden: act?.kind === 'hidden',
    unconfigured: isUnconfigured(offer, offers.status.tiers),
    // oxlint-disable-next-line react/purity -- a refusal whose time is over is none, whenever that is looked at
    now: Date.now(),
  })
}

/** What the control's line is made from: the words, and the figures in them. @param asked the run that was asked for last, which may have been refused */
function useHintFacts({ feature, input, messages }: { feature: string; input: Input; messages: MessageOverrides | undefined }, moment: Pick<HintFacts, 'state' | 'run' | 'offers'>, asked: RunState | null): HintFacts {
  const { ai, text, pays, owner } = useSparing()
  const budget = useBudget()
  const marked = useStore(ai.optIns, ({ aids }) => aids.includes(feature))
  const { state } = moment
  const wording = useMemo(() => ({ text: mergeMessages(text, messages), pays, owner }), [text, messages, pays, owner])
  const lines = useMemo(() => ownLines(budget), [budget])
  const priced = (estimate: RunState['estimate']) => asked && estimate && pricedOffer(ai, input, { tier: asked.tier, effort: asked.effort }, estimate)
  const [promised, now] = [priced(asked?.estimate ?? null), priced('estimate' in state ? state.estimate : null)]
  const { offers: { main, status } } = moment
  const agreed = status.outgrown && isReady(main) ? pricedOffer(ai, input, main.demand, { ...main.estimate, ceiling: status.outgrown.ceiling }) : null
  const { task, purpose } = ai.features[feature] ?? {}
  return { ...moment, wording, lines, words: wordsOf(wording.text, task), aid: marked || purpose === 'access', promised, agreed, change: promised && now && { before: promised, now } }
}

/** Leads the keyboard into the box: at once where it is shown, otherwise when it is. */
function useAttention(panel: HTMLElement | null) {
  const wanted = useRef(false)
  const takeAttention = useCallback(() => {
    const was = wanted.current
    wanted.current = false
    return was
  }, [])
  const attend = () => {
    if (panel) focusIn(panel)
    else wanted.current = true
  }
  return { takeAttention, attend }
}

/**
 * Whether the run shown was seen under way here, for longer than a moment. One that was over when the
 * page came needs no room made for it, nor does one that comes at once: nobody reads meanwhile.
 */
function useReserved({ name }: ControlState, run: HintFacts['run']): boolean {
  const [seen, see] = useState<string | null>(null)
  if (name === 'running' && run && !comesAtOnce(run) && seen !== run.id) see(run.id)
  return run !== null && run.id === seen
}

/** Until its estimate is there, a run that was just begun may. */
const comesAtOnce = ({ status, estimate }: RunState) =>
  estimate === null ? status === 'starting' : estimate.seconds !== null && estimate.seconds.high < 1

function useLevel(options: ControlOptions) {
  const [tier, setTier] = useControlled<Tier | undefined>(options.tier, options.defaultTier, options.onTierChange)
  const [effort, setEffort] = useControlled<Effort>(options.effort, options.defaultEffort ?? 'none', options.onEffortChange)
  const setLevel = (demand: Demand) => {
    setTier(demand.tier)
    setEffort(demand.effort)
  }
  return { tier, effort, setLevel }
}

/** What the person did belongs to its input: another one is another page to them. */
function useAct(input: Input) {
  const [act, setAct] = useState<Act | null>(null)
  return [act?.input === input ? act : null, setAct] as const
}

/** Whether the control is hovered or holds the focus. */
function useHeld() {
  const [held, setHeld] = useState({ pointer: false, focus: false })
  const [hold] = useState(() => (by: 'pointer' | 'focus', on: boolean) => setHeld(before => before[by] === on ? before : { ...before, [by]: on }))
  return [held.pointer || held.focus, hold] as const
}
