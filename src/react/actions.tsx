import { useMemo } from 'react'
import { plainOffer } from './control-actions.ts'
import { useControl } from './control-context.ts'
import type { OptInControl } from './control.ts'
import { bound } from './figures.ts'
import { isReady } from './offer.ts'
import type { Offer } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'
import { Priced } from './trigger.tsx'
import { levelAbove, levelsBelow, standingOffer } from './use-offers.ts'
import type { Budget, BudgetNotice, OptInScope } from '../core/index.ts'

interface ActionProps extends PartProps<'button'> {
  readonly control?: OptInControl
}

/** Says no, which is remembered. As easy to reach as the yes. */
export function Decline({ control: given, ...props }: ActionProps) {
  const control = useControl(given)
  const { state, wording: { text }, hide } = control
  if (!['off', 'estimating', 'done', 'stopped', 'failed'].includes(state.name)) return null
  return part('button', { type: 'button', className: 'sparing-button', onClick: hide, children: text.hide }, props, state)
}

/** More detail by the next level up that is set up. */
export function Escalate({ control: given, ...props }: ActionProps) {
  const control = useControl(given)
  const { state, run, offers, wording: { text }, press, id } = control
  const next = state.name === 'done' && run ? levelAbove(offers, run.tier) : null
  // What would be refused has no price.
  if (!next || next.refusing.length > 0) return null
  return part('button', {
    type: 'button', className: 'sparing-button', onClick: () => press(next), 'aria-describedby': `${id}-more`,
    children: <Priced {...{ control }} label={text.moreDetail} offer={next} id={`${id}-more`} />,
  }, props, state)
}

export interface ScopeProps extends ActionProps {
  /** How long the opt-in stands. @default 'always' */
  readonly scope?: OptInScope
}

/** Makes this the rule here, or ends it: one step each, beside every result. */
export function Scope({ control: given, scope = 'always', ...props }: ScopeProps) {
  const control = useControl(given)
  const { state, run, offers, wording, always, optOut, id, feature, sparing } = control
  if (state.name !== 'done' || !run || run.tier === 'baseline') return null
  const { text } = wording
  const own = { type: 'button', className: 'sparing-button' }
  if (offers.status.state === 'on') return part('button', { ...own, onClick: optOut, children: text.notAlways }, props, state)
  // Nobody wants nothing each time.
  if (!run.text) return null
  const offer = standingOffer(sparing.ai, feature, run)
  const cost = isReady(offer) ? bound(wording, offer) : null
  return part('button', {
    ...own, onClick: () => always(scope), 'aria-describedby': `${id}-always`,
    children: <>{text.always} {cost && <span aria-hidden="true" id={`${id}-always`}>{text.inBrackets(text.eachTime(cost))}</span>}</>,
  }, props, state)
}

/** The other ways out of a question or a refusal: lower levels that fit, and leaving it. */
export function Alternatives() {
  const control = useControl()
  const { state, offers, wording: { text }, cancel } = control
  switch (state.name) {
    case 'asking': return <><Lower below={state.offer} /><Plain label={text.cancel} act={cancel} /></>
    case 'refused-by-budget': return <><Lower below={offers.main} /><Remedy refusing={state.refusing} /></>
    case 'price-changed':
    case 'unquoted': return <Plain label={text.cancel} act={cancel} />
    case 'running': return <Meanwhile />
    default: return null
  }
}

/** What may be done with a run under way, beside stopping it. */
function Meanwhile() {
  const control = useControl()
  const { wording: { text }, auto, whenFinished, showWhenFinished, answerNow, id } = control
  const plain = plainOffer(control)
  return (
    <>
      {plain && (
        <button type="button" className="sparing-button" aria-describedby={`${id}-now`} onClick={answerNow}>
          <Priced {...{ control }} label={text.answerNow} offer={plain} id={`${id}-now`} />
        </button>
      )}
      {auto && !whenFinished && <Plain label={text.showWhenFinished} act={showWhenFinished} />}
    </>
  )
}

/** What the host offers where the allowance is used up, such as a request for more. */
function Remedy({ refusing }: { refusing: readonly (Budget | BudgetNotice)[] }) {
  const { sparing: { ai }, feature } = useControl()
  const remedy = useMemo(() => ai.remedy(feature, refusing), [ai, feature, refusing])
  return remedy && <Plain label={remedy.label} act={() => void remedy.act()} />
}

/** Levels below one that still fit; below thinking longer, the same level without it too. */
function Lower({ below: { estimate, demand } }: { below: Offer }) {
  const control = useControl()
  const { offers, wording: { text }, words, press, id } = control
  if (estimate.status !== 'ready') return null
  const lower = demand.effort === 'none' ? levelsBelow(offers, estimate.tier) : offers.levels.slice(1, 2)
  return lower.filter(each => isReady(each) && each.refusing.length === 0).map(each => {
    const describedby = `${id}-${each.demand.tier!}`
    return (
      <button key={each.demand.tier} type="button" className="sparing-button" aria-describedby={describedby} onClick={() => press(each)}>
        <Priced {...{ control }} label={text.levelOf(text.levels[each.demand.tier!], words.one)} offer={each} id={describedby} />
      </button>
    )
  })
}

const Plain = ({ label, act }: { label: string; act: () => void }) => <button type="button" className="sparing-button" onClick={act}>{label}</button>
