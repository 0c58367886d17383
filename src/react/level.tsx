import { useId, useState } from 'react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { tierFits, tiers } from '../core/index.ts'
import type { Tier as Level } from '../core/index.ts'
import { useControl } from './control-context.ts'
import type { OptInControl } from './control.ts'
import { isReady } from './offer.ts'
import type { Demand } from './offer.ts'
import { part } from './part.tsx'
import type { PartProps } from './part.tsx'

interface Given {
  readonly control?: OptInControl
}

/** Picks the level: those that are set up, or all that the feature allows where people are shown what is not. */
export function TierPicker({ control: given }: Given): ReactNode {
  const control = useControl(given)
  const { wording: { text }, tier, setLevel, offers: { main, status: { tiers: set } } } = control
  const id = useId()
  const shown = useLevels(control)
  if (shown.length < 2) return null
  return (
    <>
      <label htmlFor={id}>{text.level}</label>
      <select id={id} value={tier ?? (isReady(main) ? main.estimate.tier : set[0]) ?? 'eco'} onChange={event => setLevel({ tier: shown.find(each => each === event.target.value), effort: 'none' })}>
        {shown.map(each => <option key={each} value={each}>{text.levels[each]}</option>)}
      </select>
    </>
  )
}

function useLevels({ feature, offers: { status }, sparing: { ai, showUnconfigured } }: OptInControl): readonly Level[] {
  const most = useStore(ai.catalog, ({ catalog }) => catalog?.features[feature]?.tier ?? 'eco')
  return tiers.filter(each => each !== 'baseline' && (showUnconfigured ? tierFits(each, most) : status.tiers.includes(each)))
}

/** Whether to think longer, where a model that is set up can. */
export function ReasoningToggle({ control: given }: Given): ReactNode {
  const { wording: { text }, tier, effort, setLevel, offers: { think } } = useControl(given)
  const [before, keep] = useState<Demand>({ tier: undefined, effort: 'none' })
  const thinks = effort !== 'none'
  if (!think) return null
  const toggle = () => {
    keep({ tier, effort: 'none' })
    setLevel(thinks ? before : think.demand)
  }
  return (
    <label>
      <input type="checkbox" checked={thinks} onChange={toggle} />{' '}
      {text.thinkLonger}
    </label>
  )
}

/** Both of them. Changing the level never runs anything. */
export function Tier(props: PartProps<'div'>): ReactNode {
  const control = useControl()
  const { state, offers: { think } } = control
  const levels = useLevels(control)
  if (levels.length < 2 && !think) return null
  return part('div', { className: 'sparing-levels', role: 'group', children: <><TierPicker /><ReasoningToggle /></> }, props, state)
}
