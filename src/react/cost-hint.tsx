import { Fragment, useDeferredValue } from 'react'
import type { ComponentPropsWithRef } from 'react'
import type { EstimateOptions } from '../client/index.ts'
import { useControl } from './control-context.ts'
import { boundSentence, hintOf } from './hint.ts'
import { useBudget, useEstimate } from './hooks.ts'
import { isReady, pricedOffer } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { useSparing } from './provider.tsx'

export interface CostHintProps extends EstimateOptions, Omit<ComponentPropsWithRef<'span'>, 'children'> {
  readonly feature: string
}

/** What a run costs at most, for a control of one's own: "At most 2% of today's allowance." */
export function CostHint({ feature, input: newest, tier, effort = 'none', ...props }: CostHintProps) {
  const sparing = useSparing()
  const known = useBudget().agreement !== 'loading'
  // A page may have hundreds of these under a text field: what is typed must not wait for them.
  const input = useDeferredValue(newest)
  const estimate = useEstimate(feature, { input, effort, ...tier && { tier } })
  return (
    <span {...props} className={`sparing-cost-hint ${props.className ?? ''}`}>
      {known && estimate.status === 'ready' && boundSentence(sparing, pricedOffer(sparing.ai, input, { tier, effort }, estimate))}
    </span>
  )
}

/** The same inside a control. Its figure stands still while the control is hovered or focused. */
export function ControlCostHint(props: PartProps<'span'>) {
  const { state, offers: { main }, wording, id } = useControl()
  return part('span', { className: 'sparing-cost-hint', id: `${id}-cost`, children: isReady(main) && boundSentence(wording, main) }, props, state)
}

/** The line that says how things stand, with the cost in it. */
export function Hint(props: PartProps<'p'>) {
  const control = useControl()
  const { state, id, wording: { text }, sparing } = control
  const { lead, rest, tone } = hintOf(control)
  if (!lead && rest.length === 0) return null
  const checking = state.name === 'estimating' && sparing.ai.catalog.getState().status === 'loading'
  return part('p', {
    id: `${id}-hint`, className: 'sparing-hint', 'data-tone': tone,
    children: <>{lead && <b>{lead}</b>} {rest.map(sentence => <Fragment key={sentence}><span>{sentence}</span> </Fragment>)}{checking && <span className="sparing-late">{text.checking}</span>}</>,
  }, props, state)
}
