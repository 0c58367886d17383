import type { ReactNode } from 'react'
import { useControl } from './control-context.ts'
import { againOffer } from './control-actions.ts'
import type { OptInControl } from './control.ts'
import { bound } from './figures.ts'
import { isReady, thinksLonger } from './offer.ts'
import type { Offer } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { levelOf } from './use-offers.ts'

/** What the one button of a control does in its state. */
interface Primary {
  readonly label: string
  /** Refused where absent. */
  readonly action?: () => void
  /** What it costs, where the line above does not say. */
  readonly offer?: Offer
}

export interface TriggerProps extends PartProps<'button'> {
  readonly control?: OptInControl
  /** Shown also where nothing is offered: on a look-up, or after "Hide". For a menu of tools there is `Tool`. */
  readonly persistent?: boolean
}

/**
 * The control's one button: it asks, confirms, stops and tries again, and stays the same element
 * throughout. Its name never holds a cost; its description does.
 */
export function Trigger({ control: given, persistent = false, ...props }: TriggerProps) {
  const control = useControl(given)
  const { state, id } = control
  const primary = primaryOf(control) ?? (persistent ? standIn(control) : null)
  if (!primary) return null
  const { label, action, offer } = primary
  return part('button', {
    type: 'button', className: 'sparing-button', 'aria-disabled': action ? undefined : true,
    'aria-describedby': offer ? `${id}-trigger-cost` : state.name === 'running' ? undefined : `${id}-hint`,
    'data-sparing-of': id, onClick: action,
    children: <Priced {...{ control, label, offer }} id={`${id}-trigger-cost`} />,
  }, props, state)
}

/**
 * "AI answer" in a menu of tools, always there and always named the same. Where the page makes no
 * offer it brings one, with its cost; otherwise it leads to what is there.
 */
export function Tool({ control: given, ...props }: Omit<TriggerProps, 'persistent'>) {
  const { state, words, call } = useControl(given)
  if (state.name === 'master-off') return null
  return part('button', { type: 'button', className: 'sparing-button', onClick: call, children: words.title }, props, state)
}

function primaryOf(control: OptInControl): Primary | null {
  const { state, wording: { text }, words, press, confirm } = control
  switch (state.name) {
    case 'off':
    case 'estimating': return { label: words.act, action: () => press() }
    case 'asking': return { label: thinksLonger(state.offer) ? text.thinkLonger : words.act, action: confirm }
    case 'running': return { label: text.stop, action: control.stop }
    case 'stopped':
    case 'failed': return again(control)
    case 'refused-by-budget': return quotesOf(control, text.showQuotes) ?? { label: words.act }
    case 'price-changed': return { label: text.proceed, action: confirm }
    case 'unquoted': return { label: words.act, action: confirm }
    case 'no-model': return state.reason === 'unconfigured' ? quotesOf(control, text.quotes) : null
    case 'offline': return state.reason === 'device' ? { label: words.act } : { label: text.tryAgain, action: () => retry(control) }
    default: return null
  }
}

/** Where nothing is left a press says so, and has no price. */
function again(control: OptInControl): Primary {
  const offer = againOffer(control)
  return { label: control.wording.text.tryAgain, ...offer.refusing.length === 0 && { offer }, action: () => control.press(offer) }
}

function retry({ cancel, sparing }: OptInControl): void {
  cancel()
  void sparing.ai.refresh()
}

/** Where the page offers nothing, a tools menu still does. */
function standIn({ state, words, offers, press }: OptInControl): Primary | null {
  if (state.name === 'absent' || state.name === 'hidden') return { label: words.act, offer: offers.main, action: () => press() }
  return state.name === 'master-off' ? null : { label: words.act }
}

function quotesOf({ offers, press }: OptInControl, label: string): Primary | null {
  const quotes = levelOf(offers, 'baseline')
  return isReady(quotes) ? { label, action: () => press(quotes) } : null
}

/** A label with its cost in brackets: read with the eyes, and by others as the button's description. */
export function Priced({ control: { wording }, label, offer, id }: { control: OptInControl; label: string; offer?: Offer | undefined; id: string }): ReactNode {
  const cost = isReady(offer) ? bound(wording, offer) : null
  return <>{label} {cost && <span aria-hidden="true" id={id}>{wording.text.inBrackets(cost)}</span>}</>
}
